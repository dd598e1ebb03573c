import { analysisIdOf } from './analysis-id';
import type { CameraSettings } from './camera-settings';
import { compareEvents, type EventDifference } from './compare-events';
import { type StitchedEvent, stitchEvents } from './events';
import type {
  Analyser,
  Clock,
  FloorStore,
  SegmentMessage,
  SegmentStore,
  SnapshotStore,
} from './ports';
import type { SegmentItem } from './segment-result';
import { analyseToItem } from './work-segment';

export interface RerunDeps {
  readonly analyser: Analyser;
  readonly store: SegmentStore;
  readonly floors: FloorStore;
  readonly snapshots: SnapshotStore;
  readonly clock: Clock;
}

export interface RerunPlan {
  readonly settings: CameraSettings;
  readonly modelSha256: string;
}

/**
 * Analyses an item's footage again by other settings or another model, with the floor that it was judged
 * by. Adds an analysis; never overwrites, never alerts, and leaves the pointer where it is.
 */
export async function rerunItem(
  item: SegmentItem,
  { settings, modelSha256 }: RerunPlan,
  { analyser, store, floors, snapshots, clock }: RerunDeps,
): Promise<SegmentItem> {
  const floorId = settings.analysis.packetGate === 'auto' ? item.packetGate.floorId : null;
  const { segmentKey, objectKey, objectVersion, range, camera } = item;
  const message: SegmentMessage = {
    segmentKey,
    objectKey,
    objectVersion,
    range,
    camera,
    analysisId: analysisIdOf({ modelSha256, settings: settings.analysis, floorId }),
    tier: settings.tier,
    lane: 'cpu',
    model: settings.model,
    floorId,
    settings: settings.analysis,
    attempt: 1,
  };
  const known = await store.getItem(message);
  if (known) return known;
  const floor = floorId ? await floors.getFloor(floorId) : null;
  const rerun = await analyseToItem(message, await analyser.analyse(message, floor), {
    snapshots,
    clock,
  });
  await store.putItem(rerun);
  return rerun;
}

/** What a rerun would change, event by event. */
export function compareRerun(
  current: readonly SegmentItem[],
  rerun: readonly SegmentItem[],
  settings: CameraSettings,
): EventDifference<StitchedEvent> {
  return compareEvents(stitchEvents(current, settings), stitchEvents(rerun, settings));
}
