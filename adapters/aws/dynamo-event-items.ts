import type { EventItem } from '../../core/events';
import type { EventItems } from '../../core/read-events';
import type { RecentFilter } from '../../core/recent-events';
import { LONGEST_RANGE_MS, seenPartition } from './dynamo-keys';
import { inGroups } from './dynamo-roll-ups';
import type { DynamoStore, Period } from './dynamo-store';
import type { DynamoTable, TableRow } from './dynamo-table';
import { classesIn } from './pointer-row';

type RecentItem = Pick<EventItem, 'camera' | 'startedAt' | 'endedAt'>;

const DAY_MS = 86_400_000;
/** A page of events comes from a few rows of each site. */
const PAGE_ROWS = 50;

/** What events are made of, read by pointers: quiet items, most of them, are not fetched. */
export class DynamoEventItems implements EventItems {
  constructor(
    private readonly table: DynamoTable,
    private readonly store: DynamoStore,
  ) {}

  /** Of a camera's items that overlap [from, to): the first, those with presences, and the quiet one that ends last. */
  async *itemsOfCamera(camera: string, period: Period): AsyncIterable<EventItem> {
    yield* this.store.itemsAt(this.neededOf(camera, period), period);
  }

  /** With presences, of all cameras that count: what ends latest first. A zone is not told by the index. */
  async *recentItems(
    { from, to }: { readonly from: string; readonly to: string },
    filter: RecentFilter,
  ): AsyncIterable<RecentItem> {
    const { camera, className } = filter;
    const sites = await this.sitesOf(filter);
    const latest = new Date(Date.parse(to) + LONGEST_RANGE_MS).toISOString();
    for (const day of daysBack(latest, from)) {
      const rows = sites.map((site) =>
        this.table.query(seenPartition(site, day), {
          index: 'byStatus',
          from,
          isDescending: true,
          pageRows: PAGE_ROWS,
        }),
      );
      for await (const row of latestFirst(rows)) {
        const item = recentItemOf(row);
        if (item.endedAt <= from || item.startedAt >= to) continue;
        if (camera !== undefined && item.camera !== camera) continue;
        if (className !== undefined && !classesIn(row).includes(className)) continue;
        yield item;
      }
    }
  }

  private async *neededOf(camera: string, period: Period): AsyncGenerator<TableRow> {
    let isFirst = true;
    let last: TableRow | null = null;
    for await (const pointer of this.store.pointersOfCamera(camera, period)) {
      // Pointers of an earlier version tell neither their end nor whether somebody was seen.
      const isNeeded = isFirst || 'statusPk' in pointer || pointer.endedAt === undefined;
      isFirst = false;
      if (isNeeded) yield pointer;
      else if (!last || String(pointer.endedAt) >= String(last.endedAt)) last = pointer;
    }
    if (last) yield last;
  }

  private async sitesOf({ camera, sites }: RecentFilter): Promise<readonly string[]> {
    if (camera !== undefined) {
      const site = camera.split('/')[0]!;
      return sites === null || sites.includes(site) ? [site] : [];
    }
    if (sites !== null) return sites;
    return [...new Set((await this.store.cameras()).map((one) => one.split('/')[0]!))];
  }
}

/** Rows of several queries, each by its end descending, as one. */
async function* latestFirst(
  queries: readonly AsyncGenerator<TableRow>[],
): AsyncGenerator<TableRow> {
  const heads = await inGroups(queries, async (query) => ({ query, row: await nextOf(query) }));
  let open = heads.filter(({ row }) => row !== null);
  while (open.length > 0) {
    const head = open.reduce((a, b) => (endOf(b.row!) > endOf(a.row!) ? b : a));
    yield head.row!;
    head.row = await nextOf(head.query);
    if (head.row === null) open = open.filter((one) => one !== head);
  }
}

async function nextOf(query: AsyncGenerator<TableRow>): Promise<TableRow | null> {
  const { done, value } = await query.next();
  return done ? null : value;
}

function endOf({ statusSk }: TableRow): string {
  return String(statusSk);
}

function recentItemOf({ timeSk, endedAt }: TableRow): RecentItem {
  const [camera = '', startedAt = ''] = String(timeSk).split('#');
  return { camera, startedAt, endedAt: String(endedAt) };
}

/** yyyy-mm-dd from the day of an instant back to that of an earlier one. */
function daysBack(latest: string, earliest: string): string[] {
  const days: string[] = [];
  const firstMs = Date.parse(earliest.slice(0, 10));
  for (let ms = Date.parse(latest.slice(0, 10)); ms >= firstMs; ms -= DAY_MS) {
    days.push(new Date(ms).toISOString().slice(0, 10));
  }
  return days;
}
