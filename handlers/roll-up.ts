import * as z from 'zod';
import type { DynamoRollUps, Share } from '../adapters/aws/dynamo-roll-ups';
import { hoursDue } from '../core/hours-due';
import type { Clock, Telemetry } from '../core/ports';

const instant = z.iso.datetime({ offset: true });
/** From a schedule: nothing. From an operator: the period that is summed anew, such as after a rerun. */
export const rollUpEventSchema = z
  .strictObject({ from: instant.optional(), to: instant.optional() })
  .refine(
    ({ from, to }) => (from && to ? Date.parse(from) < Date.parse(to) : from === to),
    'expected from before to, or neither',
  );

export interface RollUpDeps {
  readonly rollUps: Pick<
    DynamoRollUps,
    'rolledTo' | 'markRolledTo' | 'shares' | 'rollHour' | 'rollDay'
  >;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/**
 * Each hour: sums the hours that are over and not rolled up, oldest first, and some earlier ones anew, for rows that came
 * late (`hoursDue`). Any run may end anywhere, or run twice: an hour's sums are those of its rows.
 * @throws {z.ZodError} for an event of another form
 */
export function createRollUp({
  rollUps,
  clock,
  telemetry,
}: RollUpDeps): (event: unknown) => Promise<{ readonly hours: number; readonly segments: number }> {
  return async (event) => {
    const { from, to } = rollUpEventSchema.parse(event);
    const shares = await rollUps.shares();
    const known = await rollUps.rolledTo();
    const rolledTo = known ?? firstInstantOf(shares);
    if (rolledTo === null) return { hours: 0, segments: 0 };
    const { fresh, again } = hoursDue({
      ...(from && to ? { asked: { from, to } } : {}),
      rolledTo,
      now: clock.now().toISOString(),
      isFirst: known === null,
    });
    let segments = 0;
    for (const hourMs of again) segments += await rollUps.rollHour(shares, hourMs);
    for (const dayMs of daysOf(again)) {
      if (dayMs + DAY_MS <= Date.parse(rolledTo)) await rollUps.rollDay(shares, dayMs);
    }
    for (const hourMs of fresh) {
      segments += await rollUps.rollHour(shares, hourMs);
      const endMs = hourMs + HOUR_MS;
      if (endMs % DAY_MS === 0) await rollUps.rollDay(shares, endMs - DAY_MS);
      await rollUps.markRolledTo(new Date(endMs).toISOString());
    }
    const hours = again.length + fresh.length;
    telemetry.log('info', 'rolled up', { hours, segments });
    return { hours, segments };
  };
}

function firstInstantOf(shares: readonly Share[]): string | null {
  const days = shares.flatMap(({ cameras }) => cameras.map(({ firstDay }) => firstDay));
  const first = days.toSorted()[0];
  return first === undefined ? null : `${first}T00:00:00.000Z`;
}

function daysOf(hours: readonly number[]): number[] {
  return [...new Set(hours.map((ms) => ms - (ms % DAY_MS)))];
}
