import type { TimelineSegment } from './day-of-footage';

type Gone = Pick<TimelineSegment, 'startedAt' | 'expiredBy' | 'expiredAt' | 'expiredReason'>;

/** How instants are written at the camera's place. */
export interface Words {
  /** `08:00:12` */
  readonly clock: (at: string) => string;
  /** `2 Nov 2026, 08:00` */
  readonly moment: (at: string) => string;
  /** `Mon 2 Nov 2026` */
  readonly day: (at: string) => string;
}

/** Since when and why a recording is gone, in a sentence; null: nobody noted it. */
export function whyGone(
  { startedAt, expiredBy, expiredAt, expiredReason }: Gone,
  { clock, moment, day }: Words,
): string | null {
  if (expiredAt === null) return null;
  const footage = `The footage from ${clock(startedAt)}`;
  if (expiredBy === 'lifecycle') {
    return `${footage} was deleted by the bucket’s lifecycle on about ${day(expiredAt)}, ${expiredReason} (by its rule: S3 tells nobody when it does).`;
  }
  return `${footage} was deleted by retention on ${moment(expiredAt)}: ${expiredReason}.`;
}
