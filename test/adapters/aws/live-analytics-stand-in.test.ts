import { describe, expect, it } from 'vitest';
import { LiveAnalytics } from '../../../adapters/aws/live-analytics';
import type { RejectedRow } from '../../../adapters/aws/rejected-row';
import { createTimeSeriesClients } from '../../../adapters/aws/time-series-clients';
import { rowTimeNs } from '../../../core/analytics-time';
import { analyticsContract } from '../../contracts/analytics-contract';
import { analyticsReaderContract } from '../../contracts/analytics-reader';
import { analyticsAt } from '../../contracts/records';
import { ManualClock } from '../../fakes/manual-clock';
import { LiveAnalyticsStandIn, TABLE } from './live-analytics-stand-in';

async function open() {
  Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' });
  const standIn = new LiveAnalyticsStandIn();
  const endpoint = await standIn.listen();
  const limits = { requestTimeoutMs: 5000, maxAttempts: 1 };
  const clients = createTimeSeriesClients({ region: 'us-east-1', endpoint, ...limits });
  const clock = new ManualClock();
  const rejected: RejectedRow[] = [];
  const onRejected = (one: RejectedRow) => rejected.push(one);
  const store = new LiveAnalytics(clients, { table: TABLE, clock, onRejected });
  const another = () => new LiveAnalytics(clients, { table: TABLE, clock, onRejected });
  return { store, reader: store, another, standIn, clock, rejected, close: () => standIn.close() };
}

analyticsContract('LiveAnalytics on a SQLite stand-in', open);
analyticsReaderContract('LiveAnalytics’ SQL on a SQLite stand-in', open);

describe('LiveAnalytics', () => {
  it('writes 250 rows in three calls of at most 100 records', async () => {
    const { store, standIn, rejected, close } = await open();
    const all = Array.from({ length: 250 }, (_, index) => analyticsAt(index));
    await store.write(all);
    expect(standIn.calls).toEqual([100, 100, 50]);
    expect(await Array.fromAsync(store.rows({}))).toEqual(all);
    expect(rejected).toEqual([]);
    close();
  });

  it('tells each rejected row with its reason; the others of the call are written', async () => {
    const { store, standIn, rejected, close } = await open();
    const rows = [0, 1, 2, 3].map((index) => analyticsAt(index));
    standIn.oldestTimeNs = rowTimeNs(rows[2]!);
    await store.write(rows);
    const reason = 'outside the memory store retention window';
    expect(rejected).toEqual([
      { row: rows[0], reason },
      { row: rows[1], reason },
    ]);
    expect(await Array.fromAsync(store.rows({}))).toEqual([rows[2], rows[3]]);
    close();
  });

  it('lets the later write stand where an earlier one comes after it, and tells of nothing', async () => {
    const { store, another, clock, rejected, close } = await open();
    const earlier = another();
    clock.advance(60);
    await store.write([analyticsAt(0, { fields: { cpuSeconds: 2 } })]);
    clock.advance(-60);
    await earlier.write([analyticsAt(0, { fields: { cpuSeconds: 1 } })]);
    expect(await Array.fromAsync(store.rows({}))).toEqual([
      analyticsAt(0, { fields: { cpuSeconds: 2 } }),
    ]);
    expect(rejected).toEqual([]);
    close();
  });

  it('throws what is no rejected row, so that the queue delivers again', async () => {
    const { store, standIn } = await open();
    standIn.close();
    await expect(store.write([analyticsAt(0)])).rejects.toThrow(/ECONNREFUSED/);
  });
});
