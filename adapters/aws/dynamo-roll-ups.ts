import { gunzipSync, gzipSync } from 'node:zlib';
import { mergeRollUps, type RollUp, rollUpOf, rollUpSchema, segmentsOf } from '../../core/roll-up';
import { epochSeconds, REGISTER_SHARES, registerPartition, timePartition } from './dynamo-keys';
import type { DynamoTable, TableRow } from './dynamo-table';
import { type PointedRow, pointedRows } from './pointer-row';

export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;
const SPANS = { hour: HOUR_MS, day: DAY_MS } as const;
export type Span = keyof typeof SPANS;
/** Queries that are asked at the same time. */
const AT_ONCE = 25;
/** Sums outlive every named query (days). */
const KEPT_DAYS = 400;
const STATE_KEY = { pk: 'roll-ups', sk: 'state' };

/** The cameras of one site that share a partition: what one roll-up sums. */
export interface Share {
  readonly site: string;
  readonly share: number;
  readonly cameras: readonly RegisteredCamera[];
}
interface RegisteredCamera {
  readonly camera: string;
  readonly firstDay: string;
  readonly lastDay: string;
}

/**
 * Sums of analysed segments by clock hour and by day in the single table, each item those of a sixteenth of a site's
 * cameras. They are derived from the pointers of the time index, whole and as often as one likes: duplicates and
 * late rows can't count twice, and a segment costs no write more.
 */
export class DynamoRollUps {
  constructor(private readonly table: DynamoTable) {}

  /** Until when hours are rolled up, or null: none is. */
  async rolledTo(): Promise<string | null> {
    const state = await this.table.get(STATE_KEY);
    return state ? String(state.rolledTo) : null;
  }

  async markRolledTo(rolledTo: string): Promise<void> {
    await this.table.put({ ...STATE_KEY, schemaVersion: 1, rolledTo });
  }

  /** The register's cameras by site and share, of some sites or all. */
  async shares(sites: readonly string[] | null = null): Promise<Share[]> {
    const numbers = Array.from({ length: REGISTER_SHARES }, (_, share) => share);
    const found = await inGroups(numbers, async (share) => {
      const rows = await Array.fromAsync(this.table.query(registerPartition(share)));
      const cameras = rows.map(({ sk, firstDay, lastDay }) => ({
        ...{ camera: String(sk), firstDay: String(firstDay), lastDay: String(lastDay) },
      }));
      return [...Map.groupBy(cameras, ({ camera }) => camera.split('/')[0]!)]
        .filter(([site]) => sites === null || sites.includes(site))
        .map(([site, ofSite]) => ({ site, share, cameras: ofSite }));
    });
    return found.flat();
  }

  /** The shares of some cameras, with those alone. */
  async sharesOf(cameras: readonly string[]): Promise<Share[]> {
    if (cameras.length === 0) return [];
    const asked = new Set(cameras);
    const shares = await this.shares([...new Set(cameras.map((one) => one.split('/')[0]!))]);
    return shares
      .map((one) => ({ ...one, cameras: one.cameras.filter(({ camera }) => asked.has(camera)) }))
      .filter((one) => one.cameras.length > 0);
  }

  /** The current rows of a share's cameras that start at from ≤ start < to, read from the time index. */
  async rows({ cameras }: Share, from: string, to: string): Promise<PointedRow[]> {
    const [firstDay, lastDay] = [from.slice(0, 10), to.slice(0, 10)];
    const there = cameras.filter((one) => one.firstDay <= lastDay && one.lastDay >= firstDay);
    const rows = await inGroups(there, async ({ camera }) => {
      const pointers: TableRow[] = [];
      for (let ms = Date.parse(firstDay); ms <= Date.parse(lastDay); ms += DAY_MS) {
        const range = {
          index: 'byTime',
          from: `${camera}#${from}`,
          to: `${camera}#${to}`,
        } as const;
        const partition = timePartition(camera, new Date(ms).toISOString());
        pointers.push(...(await Array.fromAsync(this.table.query(partition, range))));
      }
      return pointedRows(camera, pointers);
    });
    return rows.flat();
  }

  /** Roll-ups of a share that start at from ≤ start < to, by start. */
  async *rolled(
    { site, share }: Pick<Share, 'site' | 'share'>,
    span: Span,
    { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
  ): AsyncGenerator<{ readonly at: string; readonly rollUp: RollUp }> {
    const [from, to] = [sortOf(span, fromMs), sortOf(span, toMs - SPANS[span])];
    for await (const row of this.table.query(partitionOf(site, share), { from, to })) {
      const at = String(row.sk).slice(span.length + 1);
      yield { at, rollUp: rollUpSchema.parse(JSON.parse(textOf(row))) };
    }
  }

  /** Sums a clock hour of every share anew. @returns segments in it */
  async rollHour(shares: readonly Share[], hourMs: number): Promise<number> {
    const [from, to] = [iso(hourMs), iso(hourMs + HOUR_MS)];
    const counts: number[] = [];
    for (const share of shares) {
      const rows = await this.rows(share, from, to);
      const rollUp = mergeRollUps(rows.map(({ row }) => rollUpOf(row)));
      counts.push(await this.keep(share, sortOf('hour', hourMs), rollUp));
    }
    return counts.reduce((sum, count) => sum + count, 0);
  }

  /** Sums a day (UTC) of every share anew, from its hours. */
  async rollDay(shares: readonly Share[], dayMs: number): Promise<void> {
    await inGroups(shares, async (share) => {
      const period = { fromMs: dayMs, toMs: dayMs + DAY_MS };
      const hours = await Array.fromAsync(this.rolled(share, 'hour', period));
      const rollUp = mergeRollUps(hours.map((hour) => hour.rollUp));
      await this.keep(share, sortOf('day', dayMs), rollUp);
    });
  }

  /** Writes what is new. Rows expire before their sums do: what counts fewer segments than are known is not taken. */
  private async keep({ site, share }: Share, sk: string, rollUp: RollUp): Promise<number> {
    const segments = segmentsOf(rollUp);
    const key = { pk: partitionOf(site, share), sk };
    const before = await this.table.get(key);
    const known = before ? Number(before.segments) : 0;
    const json = JSON.stringify(rollUp);
    if (segments < known || segments === 0 || (before && textOf(before) === json)) return known;
    const startMs = Date.parse(`${sk.split('#')[1]!.slice(0, 10)}`);
    await this.table.put({
      ...key,
      ...{ schemaVersion: 1, segments, sums: gzipSync(json) },
      expiresAt: epochSeconds(startMs + KEPT_DAYS * DAY_MS),
    });
    return segments;
  }
}

/** Each of them, so many at the same time, in their order. */
export async function inGroups<One, Found>(
  all: readonly One[],
  work: (one: One) => Promise<Found>,
): Promise<Found[]> {
  const found: Found[] = [];
  for (let from = 0; from < all.length; from += AT_ONCE) {
    found.push(...(await Promise.all(all.slice(from, from + AT_ONCE).map(work))));
  }
  return found;
}

function partitionOf(site: string, share: number): string {
  return `roll-up#${site}#${share}`;
}

function sortOf(span: Span, ms: number): string {
  return `${span}#${iso(ms).slice(0, span === 'day' ? 10 : 13)}`;
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}

function textOf(row: TableRow): string {
  return gunzipSync(row.sums as Uint8Array).toString('utf8');
}
