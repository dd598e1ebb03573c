import { beforeAll, expect, inject, it } from 'vitest';
import { analyticsAt } from '../../contracts/records';
import { type MadeRoad, makeRoad } from './road';
import { openSeries } from './series';
import { uniqueName } from './world';

const influx = inject('influxEndpoint');
let road: MadeRoad;
beforeAll(async () => {
  road = await makeRoad(inject('motoEndpoint'));
  Object.assign(process.env, {
    POWERTOOLS_METRICS_DISABLED: 'true',
    POWERTOOLS_TRACE_ENABLED: 'false',
  });
});

it.skipIf(influx === null)(
  'rows of the queue are asked for by name, in a real InfluxDB',
  async () => {
    const database = uniqueName('series').replaceAll('-', '_');
    const body = new URLSearchParams({ q: `CREATE DATABASE "${database}"` });
    expect((await fetch(`${influx}/query`, { method: 'POST', body })).status).toBe(200);
    const series = await openSeries(road, 'influxdb', { endpoint: influx!, database });
    const moved = { movingSeconds: 12, footageSeconds: 60 };
    const rows = [
      analyticsAt(0, { fields: moved }),
      analyticsAt(1, { fields: { ...moved, movingSeconds: 0 } }),
    ];
    expect(await series.write(rows)).toEqual({ batchItemFailures: [] });
    expect(await series.write(rows)).toEqual({ batchItemFailures: [] });
    const period = { since: rows[0]!.at, until: '2026-11-21T00:00:00Z' };
    expect(await series.ask('quiet-share', period)).toEqual({
      rows: [{ tier: rows[0]!.tier, segments: 2, quietSegments: 1, quietRatio: 0.5 }],
    });
  },
);

it('a request that is not one is answered with what is wrong, by code', async () => {
  const series = await openSeries(road, 'influxdb');
  expect(await series.ask('quiet-share', { since: 'yesterday' })).toEqual({
    error: { code: 'analytics-query', message: '"params.since": Invalid ISO datetime' },
  });
  expect(await series.ask('drop' as never)).toMatchObject({ error: { code: 'analytics-query' } });
  const longest = { since: '2020-01-01T00:00:00Z', until: '2026-01-01T00:00:00Z' };
  expect(await series.ask('lag-p95', longest)).toMatchObject({
    error: { code: 'analytics-query' },
  });
  await series.close();
});

it('rows that are none are refused, and the batch goes on', async () => {
  const series = await openSeries(road, 'influxdb');
  expect(await series.write([{ forged: true } as never])).toEqual({ batchItemFailures: [] });
  await series.close();
});
