import { shardOf } from '../../core/fleet/compile';
import type { ItemId } from '../../core/segment-result';

export type RangeId = Omit<ItemId, 'analysisId'>;

/** Shares of a site's cameras in the time index: no partition of it is hot (contracts 19). */
const TIME_SHARES = 16;
/** Cameras' rows of the register, spread by the same number. */
export const REGISTER_SHARES = TIME_SHARES;
/** No recording's range is longer: what reaches into an instant started at most this long before. */
export const LONGEST_RANGE_MS = 3_600_000 + 60_000;
export const SEGMENT_PREFIX = 'segment#';

export function itemKey({ segmentKey, objectVersion, range, analysisId }: ItemId) {
  return {
    pk: `${SEGMENT_PREFIX}${segmentKey}`,
    sk: `item#${objectVersion}#${range}#${analysisId}`,
  };
}

export function pointerKey({ segmentKey, objectVersion, range }: RangeId) {
  return { pk: `${SEGMENT_PREFIX}${segmentKey}`, sk: `current#${objectVersion}#${range}` };
}

/** The share that a camera belongs to, of {@link REGISTER_SHARES}. */
export function shareOf(camera: string): number {
  return shardOf(camera) % TIME_SHARES;
}

export function timePartition(camera: string, at: string): string {
  return `${camera.split('/')[0]}#${at.slice(0, 10)}#${shareOf(camera)}`;
}

/** By camera, then start; ties by key, version and range, as every store orders them. */
export function timeSort(camera: string, startedAt: string, id: RangeId): string {
  return [camera, startedAt, id.segmentKey, id.objectVersion, id.range].join('#');
}

/** What was seen at a site on a day, by the end of its item. */
export function seenPartition(site: string, day: string): string {
  return `seen#${site}#${day}`;
}

export function seenSort(endedAt: string, camera: string, id: RangeId): string {
  return [endedAt, camera, id.segmentKey, id.objectVersion, id.range].join('#');
}

export function registerPartition(share: number): string {
  return `cameras#${share}`;
}

export function registerKey(camera: string) {
  return { pk: registerPartition(shareOf(camera)), sk: camera };
}

export function deletionPartition(camera: string): string {
  return `deleted#${camera}`;
}

/** By day of the footage; what says the same is the same row. */
export function deletionKey(
  camera: string,
  { day, id }: { readonly day: string; readonly id: string },
) {
  return { pk: deletionPartition(camera), sk: `${day}#${id}` };
}

/** DynamoDB's time to live is in whole seconds. */
export function epochSeconds(ms: number): number {
  return Math.ceil(ms / 1000);
}
