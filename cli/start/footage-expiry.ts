import { statSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import type { Database } from '../../adapters/embedded/database';
import { expireItems } from '../../adapters/embedded/expire-items';
import type { FootageFolder } from '../../adapters/embedded/footage-folder';
import { type RetentionSummary, runRetention } from '../../adapters/embedded/retention-folder';
import type { SnapshotFolder } from '../../adapters/embedded/snapshot-folder';
import { SqliteDeletions } from '../../adapters/embedded/sqlite-deletions';
import { SqliteEventItems } from '../../adapters/embedded/sqlite-event-items';
import type { SqliteStore } from '../../adapters/embedded/sqlite-store';
import { TierwatchError } from '../../core/errors';
import { staysInSteps } from '../../core/events';
import { keyMapOf } from '../../core/fleet/check-keys';
import { identifySegment, type LandedObject } from '../../core/identify-segment';
import type { MapKey } from '../../core/key-patterns';
import type { FleetSource } from '../../core/ports';
import { type Expired, planRetentionInSteps, type StoredSegment } from '../../core/retention';
import { groupInSteps } from '../../core/steps';
import { inTurns } from './in-turns';

const DAY_MS = 86_400_000;
const ITEM_EXTRA_DAYS = 30;
/** Files looked at before other work gets its turn. */
const FILES_A_TURN = 500;

export interface FootageExpiryDeps {
  readonly database: Database;
  readonly footage: FootageFolder;
  readonly snapshots: SnapshotFolder;
  readonly store: SqliteStore;
  readonly fleet: FleetSource;
  /** Length of a file whose key does not tell it, seconds. */
  readonly probeSeconds: (object: LandedObject) => Promise<number>;
}

/** Retention of a footage folder: core's rule, one camera at a time. */
export class FootageExpiry {
  constructor(private readonly deps: FootageExpiryDeps) {}

  /** `report` only counts. @returns what went, or would go, by camera */
  async run(mode: 'report' | 'enforce'): Promise<RetentionSummary[]> {
    const { landed } = await this.deps.footage.list(null);
    const stored = await this.storedSegments(landed);
    const summaries: RetentionSummary[] = [];
    const cameras = await inTurns(groupInSteps(stored, ({ camera }) => camera));
    for (const [camera, segments] of cameras) {
      summaries.push(await this.expireCamera(camera, { segments, mode }));
    }
    if (mode === 'enforce') await this.expireItems(landed);
    return summaries;
  }

  private async expireCamera(
    camera: string,
    { segments, mode }: { segments: readonly StoredSegment[]; mode: 'report' | 'enforce' },
  ): Promise<RetentionSummary> {
    const { database, footage, fleet } = this.deps;
    const items = await Array.fromAsync(new SqliteEventItems(database).allOfCamera(camera));
    const now = new Date().toISOString();
    const { settings } = await fleet.resolve(camera, now);
    const stays = await inTurns(staysInSteps(items, settings));
    const expired = await inTurns(
      planRetentionInSteps({
        segments,
        items,
        stays,
        settings: { ...settings, ...settings.retention },
        now,
      }),
    );
    const deletions = new SqliteDeletions(database);
    const onSegment = (segment: Expired): void => {
      if (mode === 'enforce') deletions.noteFile(segment, now);
    };
    return runRetention(footage, { mode, expired, onSegment });
  }

  /** Items live 30 days longer than their footage may (contracts 12). */
  private async expireItems(landed: readonly LandedObject[]): Promise<void> {
    const { database, store, fleet, snapshots } = this.deps;
    const isKept = new Set(landed.map(({ key }) => key));
    for (const camera of await store.cameras()) {
      const nowMs = Date.now();
      const { settings } = await fleet.resolve(camera, new Date(nowMs).toISOString());
      const { quietDays, eventDays } = settings.retention;
      const before = (days: number): string =>
        new Date(nowMs - (days + ITEM_EXTRA_DAYS) * DAY_MS).toISOString();
      const options = { quietBefore: before(quietDays), evidenceBefore: before(eventDays), isKept };
      for await (const key of expireItems(database, camera, options)) await snapshots.remove(key);
    }
  }

  private async storedSegments(landed: readonly LandedObject[]): Promise<StoredSegment[]> {
    const mapKey = keyMapOf(await this.deps.fleet.index());
    const stored: StoredSegment[] = [];
    for (const [index, object] of landed.entries()) {
      if (index % FILES_A_TURN === FILES_A_TURN - 1) await setImmediate();
      const segment = await this.storedSegment(object, mapKey);
      if (segment) stored.push(segment);
    }
    return stored;
  }

  /** A landed file as retention sees it; none where its name names no segment, or it is gone. */
  private async storedSegment(object: LandedObject, mapKey: MapKey): Promise<StoredSegment | null> {
    const { footage, probeSeconds } = this.deps;
    try {
      const identified = await identifySegment(object, { mapKey, probeSeconds });
      const { key: segmentKey, camera, startedAt, seconds } = identified;
      const stats = statSync(footage.pathOf(object.key), { throwIfNoEntry: false });
      if (!stats) return null;
      const endedAt = new Date(Date.parse(startedAt) + seconds * 1000).toISOString();
      const { key: objectKey, objectVersion } = object;
      const { size: bytes } = stats;
      return { segmentKey, objectKey, objectVersion, camera, startedAt, endedAt, bytes };
    } catch (error) {
      if (error instanceof TierwatchError) return null;
      throw error;
    }
  }
}
