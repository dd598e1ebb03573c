import { type DynamoDBDocumentClient, TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import { shardOf } from '../../core/fleet/compile';
import { type HealthAlert, healthAlertSchema } from '../../core/health';
import type { AlertStore, HealthStore, Quarantine, Rejection } from '../../core/ports';
import { type Alert, alertSchema } from '../../core/segment-result';
import type { DynamoTable, TableRow } from './dynamo-table';
import { isNamed } from './errors';

/** Days that alerts and rejections are kept. */
const KEPT_DAYS = 365;
/** A landing is noted at most this often a camera: silence is told in minutes, not in writes. */
const NOTE_EVERY_MS = 300_000;
/** Some four reads of a megabyte. */
const MOST_REJECTIONS = 10_000;
/** Partitions that the cameras' landings are spread over. */
const LANDING_SHARES = 16;

function expiry(at: string): number {
  return Math.ceil(Date.parse(at) / 1000) + KEPT_DAYS * 86_400;
}

/** The alert ledger: created by condition; what is pending is in the sparse index. */
export class DynamoAlerts implements AlertStore {
  constructor(
    private readonly table: DynamoTable,
    private readonly dynamo: DynamoDBDocumentClient,
  ) {}

  /** The alert and its row under the segment, both or none: a repeated delivery finds it at once. */
  async createAlert(alert: Alert): Promise<{ alert: Alert; isNew: boolean }> {
    const { id, camera, segmentKey, status, at, createdAt } = alertSchema.parse(alert);
    const expiresAt = expiry(at);
    const row = {
      ...alertKey(id),
      status,
      alert: JSON.stringify(alert),
      timePk: `alerts#${camera}`,
      timeSk: `${at}#${id}`,
      ...(status === 'pending'
        ? { statusPk: 'pending#alert', statusSk: `${createdAt}#${id}` }
        : {}),
      expiresAt,
    };
    const link = { pk: `segment#${segmentKey}`, sk: `alert#${id}`, expiresAt };
    const TableName = this.table.name;
    try {
      await this.dynamo.send(
        new TransactWriteCommand({
          TransactItems: [
            { Put: { TableName, Item: row, ConditionExpression: 'attribute_not_exists(pk)' } },
            { Put: { TableName, Item: link } },
          ],
        }),
      );
      return { alert, isNew: true };
    } catch (error) {
      if (!isNamed(error, 'TransactionCanceledException')) throw error;
      const stored = await this.getAlert(id);
      if (!stored) throw error;
      return { alert: stored, isNew: false };
    }
  }

  async getAlert(id: string): Promise<Alert | null> {
    return alertOf(await this.table.get(alertKey(id)));
  }

  async markAlert(id: string, status: 'sent' | 'stale' | 'suppressed'): Promise<void> {
    await this.table.update(alertKey(id), {
      set: { status },
      remove: ['statusPk', 'statusSk'],
      condition: '#status = :pending',
      values: { pending: 'pending' },
    });
  }

  async pendingAlerts({
    segmentKey,
    createdBefore,
  }: Parameters<AlertStore['pendingAlerts']>[0]): Promise<readonly Alert[]> {
    const ids: string[] = [];
    if (segmentKey !== undefined) {
      const links = this.table.query(`segment#${segmentKey}`, { beginsWith: 'alert#' });
      for await (const { sk } of links) ids.push(String(sk).slice('alert#'.length));
    } else {
      for await (const row of this.table.query('pending#alert', { index: 'byStatus' })) {
        ids.push(String(row.pk).slice('alert#'.length));
      }
    }
    const found = await Promise.all(ids.map((id) => this.getAlert(id)));
    return found
      .filter((alert) => alert !== null)
      .filter(({ status }) => status === 'pending')
      .filter(({ createdAt }) => createdBefore === undefined || createdAt < createdBefore)
      .sort((a, b) => a.createdAt.localeCompare(b.createdAt) || a.id.localeCompare(b.id));
  }

  async alertsOfCamera(camera: string): Promise<readonly Alert[]> {
    const found: Alert[] = [];
    for await (const row of this.table.query(`alerts#${camera}`, { index: 'byTime' })) {
      found.push(alertOf(row)!);
    }
    return found;
  }
}

/** Landings and silences of cameras. */
export class DynamoHealth implements HealthStore {
  private readonly noted = new Map<string, number>();

  constructor(
    private readonly table: DynamoTable,
    /** @default five minutes */
    private readonly noteEveryMs = NOTE_EVERY_MS,
  ) {}

  async noteLanded(camera: string, at: string): Promise<void> {
    const ms = Date.parse(at);
    if (ms - (this.noted.get(camera) ?? Number.NEGATIVE_INFINITY) < this.noteEveryMs) return;
    await this.table.update(landingKey(camera), {
      set: { landedAt: at },
      condition: 'attribute_not_exists(#landedAt) OR #landedAt < :landedAt',
    });
    this.noted.set(camera, ms);
  }

  async watchCamera(camera: string, at: string): Promise<void> {
    await this.table.putOnce({ ...landingKey(camera), landedAt: at });
  }

  async lastLandings(): Promise<ReadonlyMap<string, string>> {
    const landings = new Map<string, string>();
    for (let share = 0; share < LANDING_SHARES; share++) {
      for await (const { sk, landedAt } of this.table.query(`landings#${share}`)) {
        landings.set(String(sk), String(landedAt));
      }
    }
    return landings;
  }

  async createHealthAlert(alert: HealthAlert): Promise<boolean> {
    const { id, camera, state, status, at } = healthAlertSchema.parse(alert);
    return this.table.putOnce({
      ...healthKey(id),
      status,
      alert: JSON.stringify(alert),
      timePk: `health#${camera}`,
      timeSk: `${at}#${state === 'cleared' ? 1 : 0}`,
      ...(status === 'pending' ? { statusPk: 'pending#health', statusSk: `${at}#${id}` } : {}),
      expiresAt: expiry(at),
    });
  }

  async latestHealthAlert(camera: string): Promise<HealthAlert | null> {
    const options = { index: 'byTime', isDescending: true, pageRows: 1 } as const;
    for await (const row of this.table.query(`health#${camera}`, options)) {
      return healthAlertOf(row);
    }
    return null;
  }

  async pendingHealthAlerts(): Promise<readonly HealthAlert[]> {
    const found: HealthAlert[] = [];
    for await (const row of this.table.query('pending#health', { index: 'byStatus' })) {
      found.push(healthAlertOf(row));
    }
    return found;
  }

  async markHealthAlertSent(id: string): Promise<void> {
    await this.table.update(healthKey(id), {
      set: { status: 'sent' },
      remove: ['statusPk', 'statusSk'],
      condition: 'attribute_exists(#pk)',
    });
  }
}

/** The record of what was rejected; the copy of the footage is the quarantine bucket's. */
export class DynamoRejections implements Quarantine {
  constructor(
    private readonly table: DynamoTable,
    private readonly most = MOST_REJECTIONS,
  ) {}

  async reject(rejection: Rejection): Promise<void> {
    const { key, objectVersion, at } = rejection;
    await this.table.put({
      pk: `rejected#${key}`,
      sk: objectVersion,
      rejection: JSON.stringify(rejection),
      statusPk: 'rejected',
      statusSk: `${at}#${key}`,
      expiresAt: expiry(at),
    });
  }

  async isRejected(key: string, objectVersion: string): Promise<boolean> {
    return (await this.table.get({ pk: `rejected#${key}`, sk: objectVersion })) !== null;
  }

  /** The latest, {@link MOST_REJECTIONS} at most: a camera that lands nothing but rubbish must not hold up a page. */
  async rejections(): Promise<readonly Rejection[]> {
    const found: Rejection[] = [];
    const latest = { index: 'byStatus', isDescending: true } as const;
    for await (const { rejection } of this.table.query('rejected', latest)) {
      found.push(JSON.parse(String(rejection)) as Rejection);
      if (found.length === this.most) break;
    }
    return found.reverse();
  }
}

function alertKey(id: string) {
  return { pk: `alert#${id}`, sk: 'alert' };
}

function landingKey(camera: string) {
  return { pk: `landings#${shardOf(camera) % LANDING_SHARES}`, sk: camera };
}

function healthKey(id: string) {
  return { pk: `health-alert#${id}`, sk: 'alert' };
}

function alertOf(row: TableRow | null): Alert | null {
  return row ? ({ ...JSON.parse(String(row.alert)), status: row.status } as Alert) : null;
}

function healthAlertOf(row: TableRow): HealthAlert {
  return { ...JSON.parse(String(row.alert)), status: row.status } as HealthAlert;
}
