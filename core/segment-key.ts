import { TierwatchError } from './errors';

/** A key that names no segment: its file is quarantined. */
export class SegmentKeyError extends TierwatchError {
  override readonly name = 'SegmentKeyError';
  constructor(key: string, found: string, remedy = 'rename it, or map its layout by keyPatterns') {
    super(
      `"${key}": expected <site>/<camera>/<yyyymmddThhmmss[SSS]Z>_<seconds[.mmm]>s.(mp4|ts|mkv), found ${found}; ${remedy}`,
      { code: 'segment-key', retryable: false },
    );
  }
}

/** A start so far ahead that a clock must be wrong. */
export class SegmentFromFutureError extends TierwatchError {
  override readonly name = 'SegmentFromFutureError';
  constructor(key: string, aheadMinutes: number) {
    super(
      `"${key}": expected a start that has passed, found one ${aheadMinutes} minutes ahead; check the camera's clock and land it again`,
      { code: 'segment-from-future', retryable: false },
    );
  }
}

export interface SegmentKey {
  readonly key: string;
  readonly site: string;
  /** `site/camera` */
  readonly camera: string;
  /** ISO, UTC, milliseconds. */
  readonly startedAt: string;
  readonly seconds: number;
  readonly extension: 'mp4' | 'ts' | 'mkv';
}

export const NAME_PATTERN = '[a-z0-9][a-z0-9-]{0,62}';
const KEY = new RegExp(
  `^(?<site>${NAME_PATTERN})/(?<camera>${NAME_PATTERN})/(?<date>\\d{8})T(?<time>\\d{6})(?<ms>\\d{3})?Z_(?<seconds>\\d{1,6}(?:\\.\\d{1,3})?)s\\.(?<extension>mp4|ts|mkv)$`,
);

/** Whether a key has the product's own form. */
export function isSegmentKey(key: string): boolean {
  return KEY.test(key);
}

/** @throws {SegmentKeyError} */
export function parseSegmentKey(key: string): SegmentKey {
  const parts = KEY.exec(key)?.groups as
    | (Record<'site' | 'camera' | 'date' | 'time' | 'seconds' | 'extension', string> & {
        ms?: string;
      })
    | undefined;
  if (!parts) throw new SegmentKeyError(key.slice(0, 300), 'another form');
  const { date, time, ms = '000', site, camera, extension } = parts;
  const startedAt = `${date.slice(0, 4)}-${date.slice(4, 6)}-${date.slice(6)}T${time.slice(0, 2)}:${time.slice(2, 4)}:${time.slice(4)}.${ms}Z`;
  const instant = new Date(startedAt);
  if (Number.isNaN(instant.getTime()) || instant.toISOString() !== startedAt) {
    throw new SegmentKeyError(key, `"${date}T${time}", which is no date`);
  }
  const seconds = Number(parts.seconds);
  if (seconds <= 0) throw new SegmentKeyError(key, `"${parts.seconds}" seconds`);
  return {
    key,
    site,
    camera: `${site}/${camera}`,
    startedAt,
    seconds,
    extension: extension as SegmentKey['extension'],
  };
}

/** The key of a segment; milliseconds appear only where there are any. */
export function formatSegmentKey(segment: Omit<SegmentKey, 'key' | 'site'>): string {
  const digits = new Date(segment.startedAt).toISOString().replace(/[-:.]/g, '');
  const start = digits.endsWith('000Z') ? `${digits.slice(0, -4)}Z` : digits;
  const seconds = String(Math.round(segment.seconds * 1000) / 1000);
  return `${segment.camera}/${start}_${seconds}s.${segment.extension}`;
}

/** @throws {SegmentFromFutureError} more than `maxAheadMinutes` ahead of `now` */
export function requirePast(
  { key, startedAt }: Pick<SegmentKey, 'key' | 'startedAt'>,
  { now, maxAheadMinutes }: { readonly now: Date; readonly maxAheadMinutes: number },
): void {
  const aheadMinutes = Math.round((Date.parse(startedAt) - now.getTime()) / 60_000);
  if (aheadMinutes > maxAheadMinutes) throw new SegmentFromFutureError(key, aheadMinutes);
}
