import { analyticsRowOf } from '../../core/analytics-row';
import type { Clock, FloorStore, PacketFloor, SegmentStore } from '../../core/ports';
import { type ItemId, type SegmentItem, segmentItemSchema } from '../../core/segment-result';
import {
  epochSeconds,
  itemKey,
  LONGEST_RANGE_MS,
  pointerKey,
  type RangeId,
  REGISTER_SHARES,
  registerKey,
  registerPartition,
  SEGMENT_PREFIX,
  seenPartition,
  seenSort,
  timePartition,
  timeSort,
} from './dynamo-keys';
import type { DynamoTable, QueryOptions, TableRow } from './dynamo-table';
import { pack, unpack } from './packed-text';
import { rowAttribute } from './pointer-row';

export interface ItemLife {
  /** Days after its end that an item without presences lives: its footage's, and 30 (contracts 12). */
  readonly quietDays: number;
  /** Days that one with presences lives. */
  readonly evidenceDays: number;
  /** Days whose items have all expired are not looked through. @default every day is */
  readonly clock?: Clock;
}

const DAY_MS = 86_400_000;
/** Items of a list that are read at the same time. */
const READ_AHEAD = 25;

/**
 * Items and their pointers in the single table. An item is one compressed row, written once by condition; the
 * pointer to the current analysis carries the time index, and the numbers of its analytics row, so that roll-ups
 * read pointers alone. A quiet segment costs three write units: item, pointer, index; one with somebody in it a fourth,
 * for the index by its end.
 */
export class DynamoStore implements SegmentStore, FloorStore {
  /** First day of each camera that this process has seen in the register. */
  private readonly firstDays = new Map<string, string>();

  constructor(
    private readonly table: DynamoTable,
    private readonly life: ItemLife,
  ) {}

  async putItem(item: SegmentItem): Promise<boolean> {
    const json = JSON.stringify(segmentItemSchema.parse(item));
    return this.table.putOnce({
      ...itemKey(item),
      item: pack(json),
      expiresAt: this.expiryOf(item),
    });
  }

  async getItem(id: ItemId): Promise<SegmentItem | null> {
    return itemOf(await this.table.get(itemKey(id)));
  }

  async currentItem(id: RangeId): Promise<SegmentItem | null> {
    const pointer = await this.table.get(pointerKey(id));
    return pointer ? this.getItem({ ...id, analysisId: String(pointer.analysisId) }) : null;
  }

  async otherVersions({ segmentKey, objectVersion, range }: RangeId): Promise<SegmentItem[]> {
    const items: SegmentItem[] = [];
    const { pk } = pointerKey({ segmentKey, objectVersion, range });
    for await (const pointer of this.table.query(pk, { beginsWith: 'current#' })) {
      const [, version, itsRange] = String(pointer.sk).split('#');
      if (version === objectVersion || itsRange !== range) continue;
      const item = await this.itemAt(pointer);
      if (item) items.push(item);
    }
    return items;
  }

  async setCurrent(id: ItemId, { onlyIfAbsent }: { onlyIfAbsent: boolean }): Promise<boolean> {
    const item = await this.getItem(id);
    if (item) {
      await this.register(item);
      const pointer = {
        ...pointerKey(id),
        analysisId: id.analysisId,
        timePk: timePartition(item.camera, item.startedAt),
        timeSk: timeSort(item.camera, item.startedAt, id),
        endedAt: item.endedAt,
        ...seenKeys(item),
        row: rowAttribute(analyticsRowOf(item), item.analysedAt),
        expiresAt: this.expiryOf(item),
      };
      if (!onlyIfAbsent) await this.table.put(pointer);
      else if (await this.table.putOnce(pointer)) return true;
    }
    const current = await this.table.get(pointerKey(id));
    return current?.analysisId === id.analysisId;
  }

  /** Items are read a few at a time as they are asked for. */
  async *itemsOfCamera(camera: string, period: Period): AsyncIterable<SegmentItem> {
    yield* this.itemsAt(this.pointersOfCamera(camera, period), period);
  }

  /** Pointers to a camera's items that overlap [from, to), by start; some of an earlier version may lie before it. */
  async *pointersOfCamera(camera: string, { from, to }: Period): AsyncGenerator<TableRow> {
    const fromDay = from && isoOf(Date.parse(from) - LONGEST_RANGE_MS).slice(0, 10);
    for await (const pointer of this.pointersBetween(camera, { fromDay, to })) {
      const isBefore = from && pointer.endedAt !== undefined && String(pointer.endedAt) <= from;
      if (!isBefore) yield pointer;
    }
  }

  /** Their items, those that overlap [from, to), in the same order. */
  async *itemsAt(
    pointers: AsyncIterable<TableRow>,
    { from, to }: Period,
  ): AsyncGenerator<SegmentItem> {
    for await (const group of groupsOf(pointers, READ_AHEAD)) {
      for (const item of await Promise.all(group.map((pointer) => this.itemAt(pointer)))) {
        const isWithin = item && (!from || item.endedAt > from) && (!to || item.startedAt < to);
        if (isWithin) yield item;
      }
    }
  }

  async cameras(): Promise<readonly string[]> {
    const found: string[] = [];
    for (let share = 0; share < REGISTER_SHARES; share++) {
      for await (const { sk } of this.table.query(registerPartition(share))) found.push(String(sk));
    }
    return found.sort();
  }

  async getFloor(floorId: string): Promise<PacketFloor | null> {
    return floorOf(await this.table.get({ pk: `floor-id#${floorId}`, sk: 'floor' }));
  }

  async floorOfHour(camera: string, hour: string): Promise<PacketFloor | null> {
    return floorOf(await this.table.get({ pk: `floor#${camera}`, sk: hour }));
  }

  /** The floor is found by its id before an hour names it. */
  async freezeFloor(camera: string, hour: string, floor: PacketFloor): Promise<PacketFloor> {
    const expiresAt = epochSeconds(Date.parse(hour) + this.life.evidenceDays * DAY_MS);
    const json = JSON.stringify(floor);
    await this.table.put({ pk: `floor-id#${floor.floorId}`, sk: 'floor', floor: json, expiresAt });
    const row = { pk: `floor#${camera}`, sk: hour, floor: json, expiresAt };
    if (await this.table.putOnce(row)) return floor;
    return (await this.floorOfHour(camera, hour))!;
  }

  async summariesBefore(
    camera: string,
    hour: string,
    maxSegments: number,
  ): Promise<readonly SegmentItem['packetSummary'][]> {
    const summaries: SegmentItem['packetSummary'][] = [];
    const earlier = { to: hour, isDescending: true, pageRows: maxSegments };
    for await (const pointer of this.pointersBetween(camera, earlier)) {
      if (summaries.length >= maxSegments) break;
      const item = await this.itemAt(pointer);
      if (item) summaries.push(item.packetSummary);
    }
    return summaries;
  }

  /** Pointers that start on a day or later and before an instant, day by day of the time index. */
  private async *pointersBetween(
    camera: string,
    {
      fromDay = '',
      to = LAST_INSTANT,
      ...order
    }: { readonly fromDay?: string | undefined; readonly to?: string | undefined } & Pick<
      QueryOptions,
      'isDescending' | 'pageRows'
    >,
  ): AsyncGenerator<TableRow> {
    const register = await this.table.get(registerKey(camera));
    if (!register) return;
    const first = [String(register.firstDay), fromDay, this.firstLivingDay()].sort().at(-1)!;
    const last = [String(register.lastDay ?? register.firstDay), to.slice(0, 10)].sort()[0]!;
    const days: string[] = [];
    for (let ms = Date.parse(first); ms <= Date.parse(last); ms += DAY_MS) days.push(isoOf(ms));
    for (const day of order.isDescending ? days.reverse() : days) {
      yield* this.table.query(timePartition(camera, day), {
        index: 'byTime',
        from: `${camera}#`,
        to: `${camera}#${to}`,
        ...order,
      });
    }
  }

  /** Items that ended before it have expired, whatever was in them. */
  private firstLivingDay(): string {
    const { clock, quietDays, evidenceDays } = this.life;
    if (!clock) return '';
    const livedMs = (Math.max(quietDays, evidenceDays) + 1) * DAY_MS;
    return isoOf(clock.now().getTime() - livedMs - LONGEST_RANGE_MS).slice(0, 10);
  }

  private async itemAt({ pk, sk, analysisId }: TableRow): Promise<SegmentItem | null> {
    const [, objectVersion = '', range = ''] = String(sk).split('#');
    const segmentKey = String(pk).slice(SEGMENT_PREFIX.length);
    return this.getItem({ segmentKey, objectVersion, range, analysisId: String(analysisId) });
  }

  /** Widens the days of a camera in the register: rare writes, remembered by this process. */
  private async register({ camera, startedAt }: SegmentItem): Promise<void> {
    const day = startedAt.slice(0, 10);
    if (this.firstDays.get(`${camera}#${day}`)) return;
    const key = registerKey(camera);
    const known = await this.table.get(key);
    if (known?.firstDay === undefined || day < String(known.firstDay)) {
      await this.table.update(key, {
        set: { firstDay: day },
        condition: 'attribute_not_exists(#firstDay) OR #firstDay > :firstDay',
      });
    }
    if (known?.lastDay === undefined || day > String(known.lastDay)) {
      await this.table.update(key, {
        set: { lastDay: day },
        condition: 'attribute_not_exists(#lastDay) OR #lastDay < :lastDay',
      });
    }
    this.firstDays.set(`${camera}#${day}`, day);
  }

  private expiryOf({ endedAt, presences }: SegmentItem): number {
    const { quietDays, evidenceDays } = this.life;
    const days = presences.length === 0 ? quietDays : evidenceDays;
    return epochSeconds(Date.parse(endedAt) + days * DAY_MS);
  }
}

/** ISO instants; both may be left out. */
export type Period = { readonly from?: string | undefined; readonly to?: string | undefined };

/** Of the index by end: what has nobody in it is not there. */
function seenKeys(item: SegmentItem): Readonly<Record<string, string>> {
  if (item.presences.length === 0) return {};
  const { camera, endedAt } = item;
  return {
    statusPk: seenPartition(camera.split('/')[0]!, endedAt.slice(0, 10)),
    statusSk: seenSort(endedAt, camera, item),
  };
}

function isoOf(ms: number): string {
  return new Date(ms).toISOString();
}

const LAST_INSTANT = '9999-12-31T23:59:59.999Z';

/** The same in the same order, so many at a time. */
async function* groupsOf<One>(all: AsyncIterable<One>, size: number): AsyncGenerator<One[]> {
  let group: One[] = [];
  for await (const one of all) {
    group.push(one);
    if (group.length < size) continue;
    yield group;
    group = [];
  }
  if (group.length > 0) yield group;
}

function itemOf(row: TableRow | null): SegmentItem | null {
  if (!row) return null;
  return JSON.parse(unpack(row.item as Uint8Array)) as SegmentItem;
}

function floorOf(row: TableRow | null): PacketFloor | null {
  return row ? (JSON.parse(String(row.floor)) as PacketFloor) : null;
}
