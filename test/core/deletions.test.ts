import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deletedDays, reasonIn } from '../../core/deletions';
import { lifecycleEndOf } from '../../core/footage-life';
import { minute } from '../contracts/records';

const DAY_MINUTES = 1440;
const recording = (from: number, minutes = 1) => ({
  objectKey: `${from}.mp4`,
  startedAt: minute(from),
  endedAt: minute(from + minutes),
});

describe('deleted footage as days and spans', () => {
  it('is one span for a day of minutes in a row, and a day more for what is of the next', () => {
    // The first of them starts at 08:00.
    const gone = Array.from({ length: DAY_MINUTES }, (_, index) => ({
      ...recording(index),
      reason: 'quiet',
    }));
    expect(deletedDays(gone.toReversed())).toEqual([
      { day: '2026-11-21', spans: { quiet: [[0, 8 * 3_600_000]] } },
      { day: '2026-11-20', spans: { quiet: [[8 * 3_600_000, 24 * 3_600_000]] } },
    ]);
  });

  it('joins what containers have rounded, and not what lies a second apart', () => {
    const gone = [recording(0, 0.999), recording(1, 0.5), recording(1.517)].map((one) => ({
      ...one,
      reason: 'quiet',
    }));
    const eight = 8 * 3_600_000;
    expect(deletedDays(gone)[0]!.spans).toEqual({
      quiet: [
        [eight, eight + 90_000],
        [eight + 91_020, eight + 151_020],
      ],
    });
  });

  it('says of every recording why it went, and nothing of those that were kept', () => {
    const fate = fc.constantFrom('quiet', 'full', null);
    fc.assert(
      fc.property(
        fc.array(fate, { maxLength: 200 }),
        fc.integer({ min: 0, max: 2000 }),
        (fates, first) => {
          const all = fates.map((reason, index) => ({ ...recording(first + index), reason }));
          const gone = all.flatMap(({ reason, ...one }) => (reason ? [{ ...one, reason }] : []));
          const days = deletedDays(gone);
          const said = all.map(
            (one) => days.map((day) => reasonIn(day, one)).find(Boolean) ?? null,
          );
          expect(said).toEqual(fates);
        },
      ),
    );
  });
});

it.each([
  ['2026-11-20T08:01:00.000Z', 365, '2027-11-21T00:00:00.000Z'],
  ['2026-11-20T00:00:00.000Z', 1, '2026-11-21T00:00:00.000Z'],
  ['2026-11-20T23:59:59.999Z', 1, '2026-11-22T00:00:00.000Z'],
])('lifecycle removes what landed at %s after %d days from %s on', (landedAt, days, expected) => {
  expect(lifecycleEndOf(landedAt, days)).toBe(expected);
});
