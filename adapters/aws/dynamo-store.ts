import { brotliCompressSync, brotliDecompressSync, constants, gunzipSync } from 'node:zlib';
import { analyticsRowOf } from '../../core/analytics-row';
import type { FloorStore, PacketFloor, SegmentStore } from '../../core/ports';
import { type ItemId, type SegmentItem, segmentItemSchema } from '../../core/segment-result';
import {
  epochSeconds,
  itemKey,
  pointerKey,
  type RangeId,
  REGISTER_SHARES,
  registerKey,
  registerPartition,
  SEGMENT_PREFIX,
  timePartition,
  timeSort,
} from './dynamo-keys';
import type { DynamoTable, TableRow } from './dynamo-table';
import { rowAttribute } from './pointer-row';

export interface ItemLife {
  /** Days after its end that an item without presences lives: its footage's, and 30 (contracts 12). */
  readonly quietDays: number;
  /** Days that one with presences lives. */
  readonly evidenceDays: number;
}

const DAY_MS = 86_400_000;
/** No recording's range is longer: what reaches into an instant started at most this long before. */
const LONGEST_RANGE_MS = 3_600_000 + 60_000;
/** Items of a list that are read at the same time. */
const READ_AHEAD = 25;

/**
 * Items and their pointers in the single table. An item is one compressed row, written once by condition; the
 * pointer to the current analysis carries the time index, and the numbers of its analytics row, so that roll-ups
 * read pointers alone. A quiet segment costs three write units: item, pointer, index.
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
        row: rowAttribute(analyticsRowOf(item), item.analysedAt),
        expiresAt: this.expiryOf(item),
      };
      if (!onlyIfAbsent) await this.table.put(pointer);
      else if (await this.table.putOnce(pointer)) return true;
    }
    const current = await this.table.get(pointerKey(id));
    return current?.analysisId === id.analysisId;
  }

  /** Day by day of the time index; items are read a few at a time as they are asked for. */
  async *itemsOfCamera(
    camera: string,
    { from, to }: { from?: string; to?: string },
  ): AsyncIterable<SegmentItem> {
    const firstDay = await this.firstDayOf(camera);
    if (!firstDay) return;
    const earliest = from
      ? new Date(Date.parse(from) - LONGEST_RANGE_MS).toISOString().slice(0, 10)
      : firstDay;
    const lastDay = (to ?? LAST_INSTANT).slice(0, 10);
    const pointers = this.pointersOf(camera, {
      firstDay: earliest > firstDay ? earliest : firstDay,
      lastDay,
    });
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
    const firstDay = await this.firstDayOf(camera);
    const summaries: SegmentItem['packetSummary'][] = [];
    if (!firstDay) return summaries;
    const days = { firstDay, lastDay: hour.slice(0, 10), isDescending: true };
    for await (const pointer of this.pointersOf(camera, days)) {
      if (summaries.length >= maxSegments) break;
      const item = await this.itemAt(pointer);
      if (item && item.startedAt < hour) summaries.push(item.packetSummary);
    }
    return summaries;
  }

  private async *pointersOf(
    camera: string,
    {
      firstDay,
      lastDay,
      isDescending = false,
    }: { firstDay: string; lastDay: string; isDescending?: boolean },
  ): AsyncGenerator<TableRow> {
    const lastKnownDay = await this.lastDayOf(camera);
    const end = lastDay < lastKnownDay ? lastDay : lastKnownDay;
    const days: string[] = [];
    for (let ms = Date.parse(firstDay); ms <= Date.parse(end); ms += DAY_MS) {
      days.push(new Date(ms).toISOString());
    }
    for (const day of isDescending ? days.reverse() : days) {
      yield* this.table.query(timePartition(camera, day), {
        index: 'byTime',
        beginsWith: `${camera}#`,
        isDescending,
      });
    }
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

  private async firstDayOf(camera: string): Promise<string | null> {
    const row = await this.table.get(registerKey(camera));
    return row ? String(row.firstDay) : null;
  }

  private async lastDayOf(camera: string): Promise<string> {
    const row = await this.table.get(registerKey(camera));
    return String(row?.lastDay ?? '');
  }

  private expiryOf({ endedAt, presences }: SegmentItem): number {
    const { quietDays, evidenceDays } = this.life;
    const days = presences.length === 0 ? quietDays : evidenceDays;
    return epochSeconds(Date.parse(endedAt) + days * DAY_MS);
  }
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

/** A fifth smaller than gzip in the same time: a quiet minute's item and its keys stay below 1 KB, one write unit. */
function pack(json: string): Uint8Array {
  const { BROTLI_PARAM_QUALITY, BROTLI_PARAM_LGWIN, BROTLI_PARAM_MODE, BROTLI_MODE_TEXT } =
    constants;
  return brotliCompressSync(json, {
    params: {
      [BROTLI_PARAM_QUALITY]: 6,
      [BROTLI_PARAM_LGWIN]: 16,
      [BROTLI_PARAM_MODE]: BROTLI_MODE_TEXT,
    },
  });
}

/** Items of earlier versions are gzip. */
function unpack(packed: Uint8Array): string {
  const isGzip = packed[0] === 0x1f && packed[1] === 0x8b;
  return (isGzip ? gunzipSync : brotliDecompressSync)(packed).toString('utf8');
}

function floorOf(row: TableRow | null): PacketFloor | null {
  return row ? (JSON.parse(String(row.floor)) as PacketFloor) : null;
}
