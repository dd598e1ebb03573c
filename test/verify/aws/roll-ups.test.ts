import { describe, expect, inject, it } from 'vitest';
import { DynamoAnalytics } from '../../../adapters/aws/dynamo-analytics';
import {
  pointerKey,
  registerKey,
  timePartition,
  timeSort,
} from '../../../adapters/aws/dynamo-keys';
import { DynamoRollUps } from '../../../adapters/aws/dynamo-roll-ups';
import { DynamoStore } from '../../../adapters/aws/dynamo-store';
import type { DynamoTable } from '../../../adapters/aws/dynamo-table';
import { rowAttribute } from '../../../adapters/aws/pointer-row';
import { analyticsRowOf } from '../../../core/analytics-row';
import type { AnalyticsRow } from '../../../core/ports';
import { createRollUp } from '../../../handlers/roll-up';
import { analyticsReaderContract } from '../../contracts/analytics-reader';
import { CAMERA, itemAt } from '../../contracts/records';
import { RecordingTelemetry } from '../../handlers/world';
import { clientsAt, createTable } from './world';

const clients = clientsAt(inject('motoEndpoint'));
const LIFE = { quietDays: 32, evidenceDays: 60 };
/** Every hour of the contract's rows, and their day, are over. */
const DAY_AFTER = '2026-11-21T01:00:00.000Z';

function rollUpAt(table: DynamoTable, now: string) {
  return createRollUp({
    rollUps: new DynamoRollUps(table),
    clock: { now: () => new Date(now) },
    telemetry: new RecordingTelemetry(),
  });
}

/** Rows as the pointers of their items have them. */
async function writePointers(table: DynamoTable, rows: readonly AnalyticsRow[]): Promise<void> {
  for (const row of rows) {
    const { camera, at, segmentKey, range } = row;
    const day = at.slice(0, 10);
    const id = { segmentKey, objectVersion: 'v1', range };
    await table.put({ ...registerKey(camera), firstDay: day, lastDay: day });
    await table.put({
      ...pointerKey(id),
      analysisId: 'analysis-1',
      timePk: timePartition(camera, at),
      timeSk: timeSort(camera, at, id),
      row: rowAttribute(row, at),
    });
  }
}

const readerOf = (table: DynamoTable) => new DynamoAnalytics(new DynamoRollUps(table));

analyticsReaderContract('DynamoDB, nothing rolled up yet', async () => {
  const table = await createTable(clients);
  return {
    store: { write: (rows) => writePointers(table, rows) },
    reader: readerOf(table),
    close: () => {},
  };
});

analyticsReaderContract('DynamoDB, all rolled up', async () => {
  const table = await createTable(clients);
  const rollUps = new DynamoRollUps(table);
  const dayMs = Date.parse('2026-11-20T00:00:00Z');
  return {
    store: {
      write: async (rows) => {
        await writePointers(table, rows);
        const shares = await rollUps.shares();
        for (const hour of [8, 9]) await rollUps.rollHour(shares, dayMs + hour * 3_600_000);
        await rollUps.rollDay(shares, dayMs);
        await rollUps.markRolledTo('2026-11-21T00:00:00.000Z');
      },
    },
    reader: readerOf(table),
    close: () => {},
  };
});

describe('roll-ups', () => {
  const scope = {
    sites: null,
    cameras: null,
    from: '2026-11-20T00:00:00.000Z',
    to: '2026-11-22T00:00:00.000Z',
    limit: 10,
  };
  const put = async (store: DynamoStore, item: ReturnType<typeof itemAt>): Promise<void> => {
    await store.putItem(item);
    await store.setCurrent(item, { onlyIfAbsent: true });
  };

  it('hold what the items of the hour hold, by hour and by day', async () => {
    const table = await createTable(clients);
    const store = new DynamoStore(table, LIFE);
    for (const minute of [0, 1, 59, 60]) await put(store, itemAt(minute));
    expect(await rollUpAt(table, DAY_AFTER)({})).toEqual({ hours: 24, segments: 4 });
    const rollUps = new DynamoRollUps(table);
    expect(await rollUps.rolledTo()).toBe('2026-11-21T00:00:00.000Z');
    const [share] = await rollUps.sharesOf([CAMERA]);
    const rolled = async (span: 'hour' | 'day') => {
      const period = { fromMs: Date.parse(scope.from), toMs: Date.parse(scope.to) };
      const all = await Array.fromAsync(rollUps.rolled(share!, span, period));
      return all.map(({ at, rollUp }) => [at, rollUp.tiers[0]!.segments]);
    };
    expect(await rolled('hour')).toEqual([
      ['2026-11-20T08', 3],
      ['2026-11-20T09', 1],
    ]);
    expect(await rolled('day')).toEqual([['2026-11-20', 4]]);
    const [cost] = await readerOf(table).ask('cost-by-tier', scope);
    const { workUsd } = analyticsRowOf(itemAt(0)).fields;
    expect([cost!.segments, cost!.workUsd]).toEqual([4, Math.round(workUsd! * 4e9) / 1e9]);
  });

  it('count a segment of two versions once, as it was analysed last', async () => {
    const table = await createTable(clients);
    const store = new DynamoStore(table, LIFE);
    const later = { objectVersion: 'v2', tier: 'steady', analysedAt: '2026-11-20T12:00:00.000Z' };
    await put(store, itemAt(0, later));
    await put(store, itemAt(0));
    await rollUpAt(table, DAY_AFTER)({});
    const steady = { tier: 'steady', segments: 1, quietSegments: 1, quietRatio: 1 };
    expect(await readerOf(table).ask('quiet-share', scope)).toEqual([steady]);
  });

  it('count a row that comes three hours late within four hours more', async () => {
    const table = await createTable(clients);
    const store = new DynamoStore(table, LIFE);
    const segments = async () =>
      (await readerOf(table).ask('quiet-share', { ...scope, to: '2026-11-20T09:00:00.000Z' }))[0]
        ?.segments;
    await put(store, itemAt(0));
    await rollUpAt(table, '2026-11-20T09:20:00Z')({});
    await put(store, itemAt(1));
    for (const hour of ['10', '11']) await rollUpAt(table, `2026-11-20T${hour}:20:00Z`)({});
    expect(await segments()).toBe(2);
    await put(store, itemAt(2));
    await rollUpAt(table, '2026-11-20T12:20:00Z')({});
    expect(await segments()).toBe(2);
    await rollUpAt(table, '2026-11-20T13:20:00Z')({});
    expect(await segments()).toBe(3);
  });

  it('keep what was counted when its rows have expired', async () => {
    const table = await createTable(clients);
    const store = new DynamoStore(table, LIFE);
    await put(store, itemAt(0));
    await rollUpAt(table, DAY_AFTER)({});
    const gone = itemAt(0);
    await table.update(pointerKey(gone), { remove: ['timePk', 'timeSk'] });
    const period = { from: scope.from, to: scope.to };
    expect(await rollUpAt(table, DAY_AFTER)(period)).toEqual({ hours: 24, segments: 1 });
    expect((await readerOf(table).ask('quiet-share', scope))[0]!.segments).toBe(1);
  });

  it('write nothing where nothing changed', async () => {
    const table = await createTable(clients);
    await put(new DynamoStore(table, LIFE), itemAt(0));
    await rollUpAt(table, DAY_AFTER)({});
    const puts: unknown[] = [];
    const { middlewareStack } = clients.dynamo;
    middlewareStack.add(
      (next, context) => async (args) => {
        if (/Put|Update/.test(context.commandName ?? '')) puts.push(args.input);
        return next(args);
      },
      { step: 'initialize', name: 'hear-puts' },
    );
    await rollUpAt(table, DAY_AFTER)({ from: scope.from, to: scope.to });
    middlewareStack.remove('hear-puts');
    expect(puts).toEqual([]);
  });

  it('of a table without cameras are none, and an event of another form is refused', async () => {
    const table = await createTable(clients);
    expect(await rollUpAt(table, DAY_AFTER)({})).toEqual({ hours: 0, segments: 0 });
    await expect(rollUpAt(table, DAY_AFTER)({ from: scope.from })).rejects.toThrow('or neither');
  });
});
