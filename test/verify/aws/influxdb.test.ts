import { describe, expect, inject, it } from 'vitest';
import { InfluxHttp } from '../../../adapters/aws/influx-http';
import { InfluxAnalytics } from '../../../adapters/aws/influxdb';
import type { RejectedRow } from '../../../adapters/aws/rejected-row';
import { createAnalytics } from '../../../handlers/analytics';
import { analyticsContract } from '../../contracts/analytics-contract';
import { analyticsReaderContract } from '../../contracts/analytics-reader';
import { analyticsAt, minute } from '../../contracts/records';
import { RecordingTelemetry, remaining, sqsEvent } from '../../handlers/world';
import { uniqueName } from './world';

const endpoint = inject('influxEndpoint');

if (endpoint === null) {
  it('is left out: this machine can’t have InfluxDB, see the line above', () => {
    expect(endpoint).toBeNull();
  });
} else realInflux(endpoint);

function realInflux(endpoint: string): void {
  const open = async (policy = 'INF') => {
    const database = uniqueName('analytics').replaceAll('-', '_');
    const q = `CREATE DATABASE "${database}" WITH DURATION ${policy} NAME "kept"`;
    const body = new URLSearchParams({ q });
    const created = await fetch(`${endpoint}/query`, { method: 'POST', body });
    expect(await created.json()).toEqual({ results: [{ statement_id: 0 }] });
    const rejected: RejectedRow[] = [];
    const influx = new InfluxHttp(
      { endpoint, database, requestTimeoutMs: 10_000, maxAttempts: 1 },
      { token: async () => 'unused-by-version-1' },
    );
    const store = new InfluxAnalytics(influx, (one) => rejected.push(one));
    return { store, reader: store, influx, rejected, close: () => {} };
  };

  analyticsContract('InfluxDB 1.6', () => open(), { tellsOlder: false });
  analyticsReaderContract('InfluxDB 1.6', () => open());

  describe('InfluxDB', () => {
    it.each([
      'a, comma',
      'equals=sign',
      'a "quote" and \'another\'',
      String.raw`back\slash\n`,
      'Ünïcode 人',
      'a/b; DROP MEASUREMENT "segment"',
    ])('gives back %s as tag, as class and in a string as it was written', async (text) => {
      const { store, rejected } = await open();
      const row = analyticsAt(0, {
        tier: text,
        model: text,
        camera: text,
        site: text,
        segmentKey: text,
        fields: { [`presenceSeconds.${text}`]: 1.5, cpuSeconds: 1e-7, bytesRead: 2 ** 53 },
      });
      await store.write([row]);
      expect(await Array.fromAsync(store.rows({ camera: text }))).toEqual([row]);
      expect(rejected).toEqual([]);
    });

    it('writes 12,001 rows in three requests of at most 5,000 lines', async () => {
      const { store, influx } = await open();
      const sizes: number[] = [];
      const write = influx.write.bind(influx);
      influx.write = (lines) => {
        sizes.push(lines.length);
        return write(lines);
      };
      const all = Array.from({ length: 12_001 }, (_, index) => analyticsAt(index));
      await store.write(all);
      expect(sizes).toEqual([5000, 5000, 2001]);
      expect(await Array.fromAsync(store.rows({}))).toEqual(all);
    });

    it('takes every row beside one whose field has another type, and tells which was rejected', async () => {
      const { store, influx, rejected } = await open();
      const times = `${Date.parse(analyticsAt(2).at)}000000`;
      const line = (name: string) => `segment,camera=${name} cpuSeconds="text" ${times}`;
      expect(await influx.write([line('x')])).toEqual({ kind: 'taken' });
      expect(await influx.write([line('x').replace('"text"', '1')])).toMatchObject({
        kind: 'rejected',
      });
      const rows = [0, 1, 2].map((index) =>
        analyticsAt(index, { fields: index === 1 ? { cpuSeconds: 1 } : { framesInferred: 1 } }),
      );
      await store.write(rows);
      expect(rejected).toEqual([
        { row: rows[1], reason: expect.stringMatching(/partial write: field type conflict/) },
      ]);
      const camera = rows[0]!.camera;
      expect(await Array.fromAsync(store.rows({ camera }))).toEqual([rows[0], rows[2]]);
    });

    it('tells of rows older than the retention policy keeps, and takes the others', async () => {
      const { store, rejected } = await open('52w');
      const [old, fresh] = [
        analyticsAt(0, { at: '2001-01-01T00:00:00.000Z' }),
        analyticsAt(1, { at: new Date().toISOString() }),
      ];
      await store.write([old, fresh]);
      expect(rejected).toEqual([
        { row: old, reason: expect.stringMatching(/beyond retention policy/) },
      ]);
      expect(await Array.fromAsync(store.rows({}))).toEqual([fresh]);
    });

    it('counts a row that a version before queued with what it replaces, and the replaced one no more', async () => {
      const { store } = await open();
      const telemetry = new RecordingTelemetry();
      const write = createAnalytics({ analytics: store, telemetry });
      const replaces = [{ tier: 'low', lane: 'cpu', model: 'demo-0123' }];
      const again = analyticsAt(0, { tier: 'steady', fields: { cpuSeconds: 7 } });
      await write(sqsEvent([analyticsAt(0)], [{ ...again, replaces }]), remaining(1000));
      expect(await Array.fromAsync(store.rows({}))).toEqual([again]);
      expect(telemetry.counted).toEqual({});
    });

    it('rejects what line protocol can’t carry before it is sent', async () => {
      const { store, rejected } = await open();
      const tiers = ['a\nb', 'a\\', 'a\\,b', ''];
      const rows = tiers.map((tier, index) => analyticsAt(index, { tier }));
      await store.write([...rows, analyticsAt(9)]);
      const backslash = 'a name has a backslash before its end or one of , = " and space';
      expect(rejected).toEqual([
        { row: rows[0], reason: 'a name has a line break' },
        { row: rows[1], reason: backslash },
        { row: rows[2], reason: backslash },
        { row: rows[3], reason: 'a name is empty' },
      ]);
      expect(await Array.fromAsync(store.rows({}))).toEqual([analyticsAt(9)]);
    });

    it('counts a range once, by its last analysis, where rows of the first come late and again', async () => {
      const { store } = await open();
      const fields = { movingSeconds: 5, lagSeconds: 2, footageSeconds: 60 };
      const first = analyticsAt(0, { fields });
      const last = analyticsAt(0, { fields, tier: 'steady', model: 'next-4567' });
      const quiet = analyticsAt(1, { fields: { ...fields, movingSeconds: 0 } });
      const scope = { sites: null, cameras: null, from: first.at, to: analyticsAt(9).at, limit: 9 };
      const seen = async () => ({
        rows: await Array.fromAsync(store.rows({ camera: first.camera })),
        tiers: (await store.ask('quiet-share', scope)).map((one) => [one.tier, one.segments]),
        lag: (await store.ask('lag-p95', scope)).map((one) => [one.tier, one.segments]),
        busiest: (await store.ask('busiest-cameras', scope)).map((one) => one.segments),
      });
      const expected = {
        rows: [last, quiet],
        tiers: [
          [quiet.tier, 1],
          ['steady', 1],
        ],
        lag: [
          [quiet.tier, 1],
          ['steady', 1],
        ],
        busiest: [2],
      };
      await store.write([{ ...last, currentAt: minute(6), hasEarlier: true }, quiet]);
      for (const late of [[], [first], [first, quiet], [first]]) {
        await store.write(late);
        expect(await seen()).toEqual(expected);
      }
    });

    it('counts a range that came back to its first tier by that one', async () => {
      const { store } = await open();
      const first = analyticsAt(0);
      const again = (currentAt: string) => ({ currentAt, hasEarlier: true as const });
      await store.write([first]);
      await store.write([{ ...analyticsAt(0, { tier: 'steady' }), ...again(minute(6)) }]);
      await store.write([{ ...first, ...again(minute(8)) }]);
      expect(await Array.fromAsync(store.rows({}))).toEqual([first]);
    });

    it('says that its database is not there, to be tried again', async () => {
      const influx = new InfluxHttp(
        { endpoint, database: 'nowhere', requestTimeoutMs: 10_000, maxAttempts: 1 },
        { token: async () => 'unused' },
      );
      const found = expect.objectContaining({ code: 'influx-unavailable', retryable: true });
      await expect(influx.write(['segment x=1 1'])).rejects.toEqual(found);
    });
  });
}
