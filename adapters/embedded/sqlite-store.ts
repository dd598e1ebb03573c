import { setImmediate } from 'node:timers/promises';
import type {
  AlertStore,
  FloorStore,
  PacketFloor,
  Quarantine,
  Rejection,
  SegmentStore,
} from '../../core/ports';
import {
  type Alert,
  alertSchema,
  type ItemId,
  type SegmentItem,
  segmentItemSchema,
} from '../../core/segment-result';
import type { Database, Row } from './database';
import { logItem, logRejection } from './sqlite-changes';
import { seenIn } from './sqlite-event-items';

export const RANGE_KEY = 'segment_key = ? AND object_version = ? AND range = ?';
const CURRENT_ITEM = 'items JOIN current USING (segment_key, object_version, range, analysis_id)';
const PAGE = 200;
/** An item as far as a summary needs it. */
export type BriefItem = Omit<SegmentItem, 'frames' | 'packetSummary'>;

/** The last instant that a Date can hold. */
export const MAX_TIME_MS = 8.64e15;

function keyOf({ segmentKey, objectVersion, range }: Omit<ItemId, 'analysisId'>) {
  return [segmentKey, objectVersion, range] as const;
}

/**
 * Items, alerts, floors and rejections in one SQLite file. Rows are checked by their schema when they are
 * written; when they are read they are trusted, for only this file's owner writes it.
 */
export class SqliteStore implements SegmentStore, AlertStore, FloorStore, Quarantine {
  constructor(private readonly database: Database) {}

  async putItem(item: SegmentItem): Promise<boolean> {
    const json = JSON.stringify(segmentItemSchema.parse(item));
    const sql = 'INSERT INTO items VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING';
    return this.database.run(sql, ...keyOf(item), item.analysisId, json) > 0;
  }

  async getItem(id: ItemId): Promise<SegmentItem | null> {
    const sql = `SELECT item FROM items WHERE ${RANGE_KEY} AND analysis_id = ?`;
    return itemOf(this.database.get(sql, ...keyOf(id), id.analysisId));
  }

  async currentItem(id: Omit<ItemId, 'analysisId'>): Promise<SegmentItem | null> {
    const sql = `SELECT item FROM ${CURRENT_ITEM} WHERE ${RANGE_KEY}`;
    return itemOf(this.database.get(sql, ...keyOf(id)));
  }

  async otherVersions({
    segmentKey,
    objectVersion,
    range,
  }: Omit<ItemId, 'analysisId'>): Promise<SegmentItem[]> {
    const sql = `SELECT item FROM ${CURRENT_ITEM} WHERE segment_key = ? AND range = ? AND object_version <> ?`;
    return this.database.all(sql, segmentKey, range, objectVersion).map((row) => itemOf(row)!);
  }

  async setCurrent(id: ItemId, { onlyIfAbsent }: { onlyIfAbsent: boolean }): Promise<boolean> {
    const update =
      '(segment_key, object_version, range) DO UPDATE SET analysis_id = excluded.analysis_id, started_ms = excluded.started_ms, ended_ms = excluded.ended_ms, object_key = excluded.object_key, status = excluded.status, presences = excluded.presences, seen = excluded.seen';
    return this.database.transaction(() => {
      const item = itemOf(
        this.database.get(
          `SELECT item FROM items WHERE ${RANGE_KEY} AND analysis_id = ?`,
          ...keyOf(id),
          id.analysisId,
        ),
      );
      if (item) {
        const written = this.database.run(
          `INSERT INTO current VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT ${onlyIfAbsent ? 'DO NOTHING' : update}`,
          ...keyOf(id),
          id.analysisId,
          item.camera,
          Date.parse(item.startedAt),
          Date.parse(item.endedAt),
          item.objectKey,
          item.status,
          JSON.stringify(item.presences),
          seenIn(item),
        );
        if (written > 0) logItem(this.database, item);
      }
      const sql = `SELECT analysis_id FROM current WHERE ${RANGE_KEY}`;
      return this.database.get(sql, ...keyOf(id))?.analysis_id === id.analysisId;
    });
  }

  /** In pages, so that a long read holds up no writer and no camera's year is held in memory. */
  itemsOfCamera(
    camera: string,
    period: { from?: string; to?: string },
  ): AsyncIterable<SegmentItem> {
    return this.pages<SegmentItem>(camera, { ...period, item: 'item' });
  }

  /** All of a camera's items, without their frames. */
  briefItems(camera: string): AsyncIterable<BriefItem> {
    const item = "json_remove(item, '$.frames', '$.packetSummary')";
    return this.pages<BriefItem>(camera, { item });
  }

  /** Other work gets its turn between two pages. */
  private async *pages<Item>(
    camera: string,
    { from, to, item }: { from?: string; to?: string; item: string },
  ): AsyncIterable<Item> {
    const fromMs = from === undefined ? -MAX_TIME_MS : Date.parse(from);
    const toMs = to === undefined ? MAX_TIME_MS : Date.parse(to);
    const sql = `SELECT started_ms, current.segment_key, object_version, range, ${item} AS item FROM ${CURRENT_ITEM}
      WHERE camera = ? AND started_ms < ? AND ended_ms > ? AND started_ms >= ?
        AND (started_ms, current.segment_key, object_version, range) > (?, ?, ?, ?)
      ORDER BY started_ms, current.segment_key, object_version, range LIMIT ${PAGE}`;
    // Nothing that started a longest item before `from` can reach into it: the index starts there.
    const earliestMs = fromMs - this.longestMs(camera);
    let last: [number, string, string, string] = [earliestMs, '', '', ''];
    for (;;) {
      const page = this.database.all(sql, camera, toMs, fromMs, earliestMs, ...last);
      for (const row of page) yield JSON.parse(String(row.item)) as Item;
      const end = page.at(-1);
      if (!end || page.length < PAGE) return;
      last = [
        Number(end.started_ms),
        String(end.segment_key),
        String(end.object_version),
        String(end.range),
      ];
      await setImmediate();
    }
  }

  /** Cameras with current items, in order: one jump in the index for each. */
  async cameras(): Promise<readonly string[]> {
    const rows = this.database.all(
      `WITH RECURSIVE one(camera) AS (
         SELECT MIN(camera) FROM current
         UNION ALL SELECT (SELECT MIN(camera) FROM current WHERE camera > one.camera) FROM one WHERE one.camera IS NOT NULL
       ) SELECT camera FROM one WHERE camera IS NOT NULL`,
    );
    return rows.map((row) => String(row.camera));
  }

  async createAlert(alert: Alert): Promise<{ alert: Alert; isNew: boolean }> {
    const { id, camera, segmentKey, status, at, createdAt } = alertSchema.parse(alert);
    const inserted = this.database.run(
      'INSERT INTO alerts VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING',
      id,
      camera,
      segmentKey,
      status,
      at,
      createdAt,
      JSON.stringify(alert),
    );
    return { alert: (await this.getAlert(id))!, isNew: inserted > 0 };
  }

  async getAlert(id: string): Promise<Alert | null> {
    const row = this.database.get('SELECT status, alert FROM alerts WHERE id = ?', id);
    return row ? alertOf(row) : null;
  }

  async markAlert(id: string, status: 'sent' | 'stale' | 'suppressed'): Promise<void> {
    const sql = "UPDATE alerts SET status = ? WHERE id = ? AND status = 'pending'";
    this.database.run(sql, status, id);
  }

  async pendingAlerts({
    segmentKey,
    createdBefore,
  }: Parameters<AlertStore['pendingAlerts']>[0]): Promise<readonly Alert[]> {
    const sql =
      "SELECT status, alert FROM alerts WHERE status = 'pending' AND (? IS NULL OR segment_key = ?) AND created_at < ? ORDER BY created_at, id";
    const key = segmentKey ?? null;
    return this.database.all(sql, key, key, createdBefore ?? '9999').map(alertOf);
  }

  async alertsOfCamera(camera: string): Promise<readonly Alert[]> {
    const sql = 'SELECT status, alert FROM alerts WHERE camera = ? ORDER BY at, id';
    return this.database.all(sql, camera).map(alertOf);
  }

  async getFloor(floorId: string): Promise<PacketFloor | null> {
    const sql = 'SELECT floor FROM floors WHERE floor_id = ? LIMIT 1';
    return floorOf(this.database.get(sql, floorId));
  }

  async floorOfHour(camera: string, hour: string): Promise<PacketFloor | null> {
    const sql = 'SELECT floor FROM floors WHERE camera = ? AND hour = ?';
    return floorOf(this.database.get(sql, camera, hour));
  }

  async freezeFloor(camera: string, hour: string, floor: PacketFloor): Promise<PacketFloor> {
    const sql = 'INSERT INTO floors VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING';
    this.database.run(sql, camera, hour, floor.floorId, JSON.stringify(floor));
    return (await this.floorOfHour(camera, hour))!;
  }

  /** @param hour ISO instant of the hour's start */
  async summariesBefore(
    camera: string,
    hour: string,
    maxSegments: number,
  ): Promise<readonly SegmentItem['packetSummary'][]> {
    const rows = this.database.all(
      `SELECT json_extract(item, '$.packetSummary') AS summary FROM ${CURRENT_ITEM}
       WHERE camera = ? AND started_ms < ? ORDER BY started_ms DESC, current.segment_key DESC, range DESC LIMIT ?`,
      camera,
      Date.parse(hour),
      maxSegments,
    );
    return rows.map((row) => JSON.parse(String(row.summary)) as SegmentItem['packetSummary']);
  }

  /** The last reason given for a version of a file stands. */
  async reject(rejection: Rejection): Promise<void> {
    const { key, objectVersion, at } = rejection;
    const sql = 'INSERT OR REPLACE INTO rejections VALUES (?, ?, ?, ?)';
    this.database.transaction(() => {
      this.database.run(sql, key, objectVersion, at, JSON.stringify(rejection));
      logRejection(this.database, rejection);
    });
  }

  async isRejected(key: string, objectVersion: string): Promise<boolean> {
    const sql = 'SELECT 1 FROM rejections WHERE key = ? AND object_version = ?';
    return this.database.get(sql, key, objectVersion) !== undefined;
  }

  async rejections(): Promise<readonly Rejection[]> {
    const rows = this.database.all('SELECT rejection FROM rejections ORDER BY at, key');
    return rows.map((row) => JSON.parse(String(row.rejection)) as Rejection);
  }

  private longestMs(camera: string): number {
    const sql = 'SELECT MAX(ended_ms - started_ms) AS longest FROM current WHERE camera = ?';
    return Number(this.database.get(sql, camera)!.longest ?? 0);
  }
}

function itemOf(row: Row | undefined): SegmentItem | null {
  return row ? (JSON.parse(String(row.item)) as SegmentItem) : null;
}

function alertOf(row: Row): Alert {
  return { ...JSON.parse(String(row.alert)), status: row.status } as Alert;
}

function floorOf(row: Row | undefined): PacketFloor | null {
  return row ? (JSON.parse(String(row.floor)) as PacketFloor) : null;
}
