import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, expect, inject, it } from 'vitest';
import { createLambdaClient, LambdaAnalytics } from '../../../adapters/aws/lambda-analytics';
import { analyticsAt } from '../../contracts/records';
import { startLambda } from './lambda-stand-in';
import { REGION } from './moto';
import { type MadeRoad, makeRoad } from './road';
import { openSeries } from './series';
import { uniqueName } from './world';

const execute = promisify(execFile);
const influx = inject('influxEndpoint');
/** The command as a user would run it; not synchronously: the stand-in is in this process. */
async function runCommand(address: string, values: readonly string[]): Promise<string> {
  const program = join(__dirname, '../../../cli/tierwatch.js');
  const env = { ...process.env, AWS_REGION: REGION, TIERWATCH_LAMBDA_ADDRESS: address };
  return (await execute(process.execPath, [program, ...values], { env })).stdout;
}

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

it.skipIf(influx === null)(
  'answers the api through Lambda’s Invoke as the function itself does',
  async () => {
    const database = uniqueName('series').replaceAll('-', '_');
    const body = new URLSearchParams({ q: `CREATE DATABASE "${database}"` });
    await fetch(`${influx}/query`, { method: 'POST', body });
    const series = await openSeries(road, 'influxdb', { endpoint: influx!, database });
    const rows = [0, 1, 2].map((index) =>
      analyticsAt(index, { fields: { movingSeconds: index, footageSeconds: 60 } }),
    );
    await series.write(rows);
    const standIn = await startLambda('reader:live', (event) => series.askRaw(event));
    const lambda = createLambdaClient({
      region: REGION,
      endpoint: standIn.url,
      requestTimeoutMs: 10_000,
      maxAttempts: 1,
    });
    const reader = new LambdaAnalytics(lambda, 'reader:live');
    const scope = {
      sites: null,
      cameras: null,
      from: rows[0]!.at,
      to: '2026-11-21T00:00:00.000Z',
      limit: 10,
    };
    for (const query of ['busiest-cameras', 'quiet-share'] as const) {
      const params = { since: scope.from, until: scope.to };
      expect({ rows: await reader.ask(query, scope) }).toEqual(await series.ask(query, params));
    }
    expect(await reader.ask('quiet-share', { ...scope, sites: [] })).toEqual([]);
    const cameras = [rows[0]!.camera, 'north-mall/none'];
    expect(await reader.ask('quiet-share', { ...scope, cameras })).toEqual(
      await reader.ask('quiet-share', scope),
    );
    await expect(reader.ask('work-by-camera', scope)).rejects.toMatchObject({
      code: 'analytics-query',
    });
    await expect(
      reader.ask('lag-p95', { ...scope, from: '2020-01-01T00:00:00.000Z' }),
    ).rejects.toMatchObject({ code: 'analytics-query' });
    const cli = await runCommand(standIn.url, [
      ...['analytics', 'quiet-share', '--function', 'reader:live', '--json'],
      ...['--since', scope.from, '--until', scope.to],
    ]);
    expect(JSON.parse(cli)).toEqual((await reader.ask('quiet-share', scope))[0]);
    standIn.stop();
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
