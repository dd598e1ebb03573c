import { alertsOf, type CandidateAlert, isSuppressed } from './alerts';
import { currentRowOf } from './analytics-row';
import { TierwatchError } from './errors';
import type {
  AlertStore,
  AnalysedSegment,
  Analyser,
  AnalyticsStore,
  Clock,
  DetectionArchive,
  FleetSource,
  FloorStore,
  Notifier,
  SegmentMessage,
  SegmentStore,
  SnapshotStore,
} from './ports';
import { parseSegmentKey } from './segment-key';
import type { Alert, Presence, SegmentItem } from './segment-result';

export interface WorkDeps {
  readonly analyser: Analyser;
  readonly store: SegmentStore;
  readonly alerts: AlertStore;
  readonly analytics: Pick<AnalyticsStore, 'write'>;
  readonly floors: FloorStore;
  readonly snapshots: SnapshotStore;
  /** None where detections are kept in their items alone. */
  readonly archive?: DetectionArchive;
  readonly notifier: Notifier;
  readonly fleet: Pick<FleetSource, 'resolve'>;
  readonly clock: Clock;
  /** Hears of alerts that stay pending; they are sent again later. */
  readonly onPublishFailed?: (segmentKey: string, error: TierwatchError) => void;
}

export interface WorkOutcome {
  readonly item: SegmentItem;
  /** False where an earlier delivery had already done it. */
  readonly isNew: boolean;
}

/**
 * Works one delivery to its rows, in the order that a crash between any two writes can't break: snapshot,
 * item, alert pending, archive, pointer, analytics row, publish, sent. A repeated delivery only completes what is missing.
 */
export async function workSegment(message: SegmentMessage, deps: WorkDeps): Promise<WorkOutcome> {
  const { store, floors, analyser } = deps;
  const current = await store.currentItem(message);
  if (current) {
    await writeRow(current, deps);
    await tryToPublish(message.segmentKey, deps);
    return { item: current, isNew: false };
  }
  const stored = await store.getItem(message);
  const item =
    stored ??
    (await putOnce(
      await analyseToItem(
        message,
        await analyser.analyse(
          message,
          message.floorId ? await floors.getFloor(message.floorId) : null,
        ),
        deps,
      ),
      deps,
    ));
  await createAlerts(item, deps);
  await deps.archive?.write(item);
  const isCurrent = await store.setCurrent(item, { onlyIfAbsent: true });
  const shown = isCurrent ? item : await store.currentItem(message);
  await writeRow(shown ?? item, deps);
  await tryToPublish(item.segmentKey, deps);
  return { item, isNew: true };
}

/** @returns the item that stands: where another function was faster, its own, so that both tell of the same one */
async function putOnce(item: SegmentItem, { store }: WorkDeps): Promise<SegmentItem> {
  if (await store.putItem(item)) return item;
  return (await store.getItem(item)) ?? item;
}

async function writeRow(item: SegmentItem, { store, analytics }: WorkDeps): Promise<void> {
  await analytics.write([currentRowOf(item, await store.otherVersions(item))]);
}

/** Writes the snapshots of an answer and makes its item. */
export async function analyseToItem(
  message: SegmentMessage,
  analysed: AnalysedSegment,
  { snapshots, clock }: Pick<WorkDeps, 'snapshots' | 'clock'>,
): Promise<SegmentItem> {
  const startMs = Date.parse(rangeStartOf(message));
  const { analysis, durationSeconds, cpuSeconds, wallSeconds, bytesRead } = analysed;
  const keys = new Map<string, string>();
  for (const { className, zone, jpeg } of analysed.snapshots) {
    const key = `${message.segmentKey}/${message.range}/${message.analysisId}/${className.replaceAll(' ', '-')}-${zone}.jpg`;
    await snapshots.put(key, jpeg);
    keys.set(`${className}\n${zone}`, key);
  }
  const presences = analysed.presences.map(
    (presence): Presence => ({
      ...presence,
      snapshotKey: keys.get(`${presence.className}\n${presence.zone}`) ?? null,
    }),
  );
  const partialReason = analysis.partialReason ?? shortReason(message, durationSeconds);
  return {
    schemaVersion: 1,
    segmentKey: message.segmentKey,
    objectKey: message.objectKey,
    objectVersion: message.objectVersion,
    range: message.range,
    analysisId: message.analysisId,
    camera: message.camera,
    startedAt: new Date(startMs).toISOString(),
    endedAt: new Date(startMs + Math.round(durationSeconds * 1000)).toISOString(),
    analysedAt: clock.now().toISOString(),
    tier: message.tier,
    lane: message.lane,
    model: analysed.model,
    status: partialReason ? 'partial' : 'done',
    ...(partialReason ? { partialReason } : {}),
    framesSampled: analysis.frames.length,
    framesDecoded: analysis.framesDecoded,
    framesInferred: analysis.framesInferred,
    packetGate: analysis.packetGate,
    presences,
    frames: [...analysis.frames],
    packetSummary: analysis.packetSummary,
    usage: {
      cpuSeconds,
      wallSeconds,
      footageSeconds: durationSeconds,
      bytesRead,
      rowsWritten: 2,
      snapshotsWritten: keys.size,
      snapshotBytes: analysed.snapshots.reduce((sum, { jpeg }) => sum + jpeg.length, 0),
      gpuMs: analysed.gpuMs ?? 0,
      ...(analysed.waitSeconds ? { waitSeconds: analysed.waitSeconds } : {}),
    },
  };
}

/** Recorders cut at keyframes: a tenth less than the key says is usual, more was cut off. */
const MISSING_RATIO = 0.1;

function shortReason({ range }: SegmentMessage, durationSeconds: number): string | null {
  const [fromMs, toMs] = range.split('-').map(Number) as [number, number];
  const expectedSeconds = (toMs - fromMs) / 1000;
  if (durationSeconds >= (1 - MISSING_RATIO) * expectedSeconds) return null;
  return `expected ${expectedSeconds.toFixed(1)} s by its key, found ${durationSeconds.toFixed(1)} s`;
}

/** Instant at which a message's range starts, ISO. */
export function rangeStartOf({
  segmentKey,
  range,
}: Pick<SegmentMessage, 'segmentKey' | 'range'>): string {
  const startMs = Date.parse(parseSegmentKey(segmentKey).startedAt) + Number(range.split('-')[0]);
  return new Date(startMs).toISOString();
}

/** Creates by condition; what a neighbouring slot's alert covers is recorded as suppressed. */
async function createAlerts(item: SegmentItem, { alerts, fleet, clock }: WorkDeps): Promise<void> {
  const { settings } = await fleet.resolve(item.camera, item.startedAt);
  for (const candidate of alertsOf(item, settings, clock.now().toISOString())) {
    const isCovered = isSuppressed(candidate, await neighboursOf(candidate, alerts));
    const { alert } = candidate;
    await alerts.createAlert(
      isCovered && alert.status === 'pending' ? { ...alert, status: 'suppressed' } : alert,
    );
  }
}

async function neighboursOf(
  { neighbourIds }: CandidateAlert,
  alerts: AlertStore,
): Promise<Alert[]> {
  const found = await Promise.all(neighbourIds.map((id) => alerts.getAlert(id)));
  return found.filter((alert) => alert !== null);
}

/** Hands over what is pending; a failure leaves it pending, to be sent again. @throws what the notifier throws */
export async function publishPending(
  segmentKey: string,
  { alerts, notifier }: Pick<WorkDeps, 'alerts' | 'notifier'>,
): Promise<void> {
  for (const alert of await alerts.pendingAlerts({ segmentKey })) {
    await notifier.send(alert);
    await alerts.markAlert(alert.id, 'sent');
  }
}

/** A segment whose rows are done is done: a receiver that is down must not use up its deliveries. */
async function tryToPublish(segmentKey: string, deps: WorkDeps): Promise<void> {
  try {
    await publishPending(segmentKey, deps);
  } catch (error) {
    if (!(error instanceof TierwatchError) || !error.retryable) throw error;
    deps.onPublishFailed?.(segmentKey, error);
  }
}
