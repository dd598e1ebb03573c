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

const ITEM_KEY = 'segment_key = ? AND object_version = ? AND range = ?';

function keyOf({ segmentKey, objectVersion, range }: Omit<ItemId, 'analysisId'>) {
  return [segmentKey, objectVersion, range] as const;
}

function itemOf(row: Row | undefined): SegmentItem | null {
  return row ? segmentItemSchema.parse(JSON.parse(String(row.item))) : null;
}

/** Items, alerts, floors and rejections in one SQLite file; nothing is ever overwritten. */
export class SqliteStore implements SegmentStore, AlertStore, FloorStore, Quarantine {
  constructor(private readonly database: Database) {}

  async putItem(item: SegmentItem): Promise<boolean> {
    const { analysisId, camera, startedAt, endedAt } = item;
    const json = JSON.stringify(segmentItemSchema.parse(item));
    const inserted = this.database.run(
      'INSERT INTO items VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING',
      ...keyOf(item),
      analysisId,
      camera,
      startedAt,
      endedAt,
      json,
    );
    return inserted > 0;
  }

  async getItem(id: ItemId): Promise<SegmentItem | null> {
    const sql = `SELECT item FROM items WHERE ${ITEM_KEY} AND analysis_id = ?`;
    return itemOf(this.database.get(sql, ...keyOf(id), id.analysisId));
  }

  async currentItem(id: Omit<ItemId, 'analysisId'>): Promise<SegmentItem | null> {
    const sql = `SELECT item FROM items JOIN current USING (segment_key, object_version, range, analysis_id) WHERE ${ITEM_KEY}`;
    return itemOf(this.database.get(sql, ...keyOf(id)));
  }

  async setCurrent(id: ItemId, { onlyIfAbsent }: { onlyIfAbsent: boolean }): Promise<boolean> {
    const conflict = onlyIfAbsent
      ? 'DO NOTHING'
      : '(segment_key, object_version, range) DO UPDATE SET analysis_id = excluded.analysis_id';
    this.database.run(
      `INSERT INTO current SELECT segment_key, object_version, range, analysis_id, camera, started_at, ended_at
       FROM items WHERE ${ITEM_KEY} AND analysis_id = ? ON CONFLICT ${conflict}`,
      ...keyOf(id),
      id.analysisId,
    );
    const row = this.database.get(
      `SELECT analysis_id FROM current WHERE ${ITEM_KEY}`,
      ...keyOf(id),
    );
    return row?.analysis_id === id.analysisId;
  }

  async *itemsOfCamera(
    camera: string,
    { from = '', to = '9999' }: { from?: string; to?: string },
  ): AsyncIterable<SegmentItem> {
    const rows = this.database.all(
      `SELECT item FROM current JOIN items USING (segment_key, object_version, range, analysis_id)
       WHERE current.camera = ? AND current.started_at < ? AND current.ended_at > ? ORDER BY current.started_at, segment_key`,
      camera,
      to,
      from,
    );
    for (const row of rows) yield itemOf(row)!;
  }

  async cameras(): Promise<readonly string[]> {
    const rows = this.database.all('SELECT DISTINCT camera FROM current ORDER BY camera');
    return rows.map((row) => String(row.camera));
  }

  async createAlert(alert: Alert): Promise<{ alert: Alert; isNew: boolean }> {
    const { id, camera, segmentKey, status, createdAt } = alertSchema.parse(alert);
    const inserted = this.database.run(
      'INSERT INTO alerts VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING',
      id,
      camera,
      segmentKey,
      status,
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
    this.database.run(
      "UPDATE alerts SET status = ? WHERE id = ? AND status = 'pending'",
      status,
      id,
    );
  }

  async pendingAlerts({
    segmentKey,
    createdBefore,
  }: {
    segmentKey?: string;
    createdBefore?: string;
  }): Promise<readonly Alert[]> {
    const rows = this.database.all(
      "SELECT status, alert FROM alerts WHERE status = 'pending' AND (? IS NULL OR segment_key = ?) AND created_at < ? ORDER BY created_at, id",
      segmentKey ?? null,
      segmentKey ?? null,
      createdBefore ?? '9999',
    );
    return rows.map(alertOf);
  }

  async alertsOfCamera(camera: string): Promise<readonly Alert[]> {
    const sql = 'SELECT status, alert FROM alerts WHERE camera = ? ORDER BY created_at, id';
    return this.database.all(sql, camera).map(alertOf);
  }

  async getFloor(floorId: string): Promise<PacketFloor | null> {
    return floorOf(this.database.get('SELECT floor FROM floors WHERE floor_id = ?', floorId));
  }

  async floorOfHour(camera: string, hour: string): Promise<PacketFloor | null> {
    const sql = 'SELECT floor FROM floors WHERE camera = ? AND hour = ?';
    return floorOf(this.database.get(sql, camera, hour));
  }

  async freezeFloor(camera: string, hour: string, floor: PacketFloor): Promise<PacketFloor> {
    this.database.run(
      'INSERT INTO floors VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING',
      camera,
      hour,
      floor.floorId,
      JSON.stringify(floor),
    );
    return (await this.floorOfHour(camera, hour))!;
  }

  async summariesBefore(
    camera: string,
    hour: string,
    maxSegments: number,
  ): Promise<readonly SegmentItem['packetSummary'][]> {
    const rows = this.database.all(
      `SELECT item FROM current JOIN items USING (segment_key, object_version, range, analysis_id)
       WHERE current.camera = ? AND current.started_at < ? ORDER BY current.started_at DESC, segment_key LIMIT ?`,
      camera,
      hour,
      maxSegments,
    );
    return rows.map((row) => itemOf(row)!.packetSummary);
  }

  async reject(rejection: Rejection): Promise<void> {
    const { key, objectVersion, at } = rejection;
    this.database.run(
      'INSERT INTO rejections VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING',
      key,
      objectVersion,
      at,
      JSON.stringify(rejection),
    );
  }

  async isRejected(key: string, objectVersion: string): Promise<boolean> {
    const sql = 'SELECT 1 FROM rejections WHERE key = ? AND object_version = ?';
    return this.database.get(sql, key, objectVersion) !== undefined;
  }

  async rejections(): Promise<readonly Rejection[]> {
    const rows = this.database.all('SELECT rejection FROM rejections ORDER BY at, key');
    return rows.map((row) => JSON.parse(String(row.rejection)) as Rejection);
  }
}

function alertOf(row: Row): Alert {
  return alertSchema.parse({ ...JSON.parse(String(row.alert)), status: row.status });
}

function floorOf(row: Row | undefined): PacketFloor | null {
  return row ? (JSON.parse(String(row.floor)) as PacketFloor) : null;
}
