import { analysisIdOf } from './analysis-id';
import { TierwatchError } from './errors';
import { keyMapOf } from './fleet/check-keys';
import { stableHash } from './hash';
import { type IdentifyDeps, identifySegment, type LandedObject } from './identify-segment';
import type { LaneSwitch } from './lane-switch';
import { learnFloor } from './packet-gate';
import type { FleetSource, FloorStore, PacketFloor, SegmentMessage } from './ports';
import { requirePast, type SegmentKey } from './segment-key';

/** A recording that is longer than `limits.maxSeconds` by its key or its file. */
export class SegmentOverLimitError extends TierwatchError {
  override readonly name = 'SegmentOverLimitError';
  constructor(key: string, { seconds, maxSeconds }: { seconds: number; maxSeconds: number }) {
    super(
      `"${key}": expected at most limits.maxSeconds ${maxSeconds}, found ${seconds} s; cut it with "tierwatch land" or raise the limit`,
      { code: 'segment-over-limit', retryable: false },
    );
  }
}

export interface RouteDeps {
  readonly fleet: FleetSource;
  /** Length of a file whose key does not tell it, seconds. */
  readonly probeSeconds: IdentifyDeps['probeSeconds'];
  /** Identity of a model bundle by its name. */
  readonly modelSha256Of: (model: string) => string;
  readonly floors: FloorStore;
  /** Where cameras of lane gpu run now; null: on the gpu lane. */
  readonly laneSwitch: Pick<LaneSwitch, 'lane'> | null;
  readonly now: Date;
}

export interface RoutedSegment {
  readonly camera: string;
  readonly lane: 'cpu' | 'gpu';
  /** False where the fleet file does not name the camera: its site's settings hold. */
  readonly isKnown: boolean;
  readonly messages: readonly SegmentMessage[];
}

/** Segments that a floor is learned from: 600 one-second windows. */
const FLOOR_SEGMENTS = 60;

/**
 * Turns a landed object into messages, one a time range of at most `maxSegmentSeconds`, with everything
 * fixed that the analysis depends on.
 * @throws {UnmappedKeyError} {@link SegmentFromFutureError} {@link SegmentOverLimitError}
 */
export async function routeSegment(object: LandedObject, deps: RouteDeps): Promise<RoutedSegment> {
  const { fleet, floors, probeSeconds } = deps;
  const index = await fleet.index();
  const { maxSeconds, maxClockSkewMinutes } = index.limits;
  const segment = await identifySegment(object, { mapKey: keyMapOf(index), probeSeconds });
  requirePast(segment, { now: deps.now, maxAheadMinutes: maxClockSkewMinutes });
  const { camera, seconds } = segment;
  if (seconds > maxSeconds) throw new SegmentOverLimitError(object.key, { seconds, maxSeconds });
  const { settings, isKnown } = await fleet.resolve(camera, segment.startedAt);
  const floor = settings.analysis.packetGate === 'auto' ? await floorFor(segment, floors) : null;
  const floorId = floor?.floorId ?? null;
  const modelSha256 = deps.modelSha256Of(settings.model);
  const analysisId = analysisIdOf({ modelSha256, settings: settings.analysis, floorId });
  const lane =
    settings.lane === 'gpu' && deps.laneSwitch ? await deps.laneSwitch.lane() : settings.lane;
  const messages = rangesOf(segment, settings.maxSegmentSeconds).map((range) => ({
    segmentKey: segment.key,
    objectKey: object.key,
    objectVersion: object.objectVersion,
    range,
    analysisId,
    camera,
    tier: settings.tier,
    lane,
    intendedLane: settings.lane,
    model: settings.model,
    floorId,
    settings: settings.analysis,
    attempt: 1,
  }));
  return { camera, lane, isKnown, messages };
}

/** `startMs-endMs` of each range: the whole segment, or equal cuts of a longer recording. */
export function rangesOf(
  { seconds }: Pick<SegmentKey, 'seconds'>,
  maxSegmentSeconds: number,
): string[] {
  const totalMs = Math.round(seconds * 1000);
  // Containers round durations up: a second more than allowed is not worth a cut.
  const count = Math.max(1, Math.ceil((seconds - 1) / maxSegmentSeconds));
  return Array.from({ length: count }, (_, index) => {
    const edge = (at: number): number => Math.min(totalMs, at * maxSegmentSeconds * 1000);
    return `${edge(index)}-${index === count - 1 ? totalMs : edge(index + 1)}`;
  });
}

/** The camera's floor of this hour, learned once from the hours before and frozen (contracts 3). */
async function floorFor(
  { camera, startedAt }: SegmentKey,
  floors: FloorStore,
): Promise<PacketFloor | null> {
  const hour = `${startedAt.slice(0, 13)}:00:00.000Z`;
  const frozen = await floors.floorOfHour(camera, hour);
  if (frozen) return frozen;
  const summaries = await floors.summariesBefore(camera, hour, FLOOR_SEGMENTS);
  const learned = learnFloor('', summaries);
  if (!learned) return null;
  const floorId = stableHash([camera, hour, learned.phases, learned.all]);
  return floors.freezeFloor(camera, hour, { ...learned, floorId });
}
