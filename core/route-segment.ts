import { analysisIdOf } from './analysis-id';
import type { CameraSettings } from './camera-settings';
import { stableHash } from './hash';
import { learnFloor } from './packet-gate';
import type { FloorStore, PacketFloor, SegmentMessage } from './ports';
import { parseSegmentKey, requirePast, type SegmentKey } from './segment-key';

export interface LandedObject {
  readonly key: string;
  readonly objectVersion: string;
}

export interface RouteDeps {
  readonly settingsOf: (camera: string, at: string) => CameraSettings;
  readonly modelSha256: string;
  readonly floors: FloorStore;
  readonly now: Date;
}

/** Segments that a floor is learned from: 600 one-second windows. */
const FLOOR_SEGMENTS = 60;

/**
 * Turns a landed object into messages, one a time range of at most `maxSegmentSeconds`, with everything
 * fixed that the analysis depends on.
 * @throws {SegmentKeyError} {@link SegmentFromFutureError}
 */
export async function routeSegment(
  { key, objectVersion }: LandedObject,
  { settingsOf, modelSha256, floors, now }: RouteDeps,
): Promise<SegmentMessage[]> {
  const segment = parseSegmentKey(key);
  requirePast(segment, now);
  const settings = settingsOf(segment.camera, segment.startedAt);
  const floor = settings.analysis.packetGate === 'auto' ? await floorFor(segment, floors) : null;
  const floorId = floor?.floorId ?? null;
  const analysisId = analysisIdOf({ modelSha256, settings: settings.analysis, floorId });
  return rangesOf(segment, settings.maxSegmentSeconds).map((range) => ({
    segmentKey: key,
    objectVersion,
    range,
    analysisId,
    camera: segment.camera,
    tier: settings.tier,
    lane: settings.lane,
    model: settings.model,
    floorId,
    settings: settings.analysis,
    attempt: 1,
  }));
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
