import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CreateSecretCommand } from '@aws-sdk/client-secrets-manager';
import { CreateDatabaseCommand, CreateTableCommand } from '@aws-sdk/client-timestream-write';
import type { Context, SQSBatchResponse } from 'aws-lambda';
import { vi } from 'vitest';
import { createTimeSeriesClients } from '../../../adapters/aws/time-series-clients';
import type { AnalyticsQueryName } from '../../../core/analytics-queries';
import { ENVIRONMENT, type EnvironmentName } from '../../../core/environment';
import type { AnalyticsRow } from '../../../core/ports';
import { ADMIN, Influx2StandIn } from '../../handlers/influx2-stand-in';
import { sqsEvent } from '../../handlers/world';
import { ACCOUNT, REGION } from './moto';
import type { MadeRoad } from './road';
import { uniqueName } from './world';

/** Secrets of the functions are named `<prefix>-write` and `<prefix>-read`; Secrets Manager adds six letters. */
export const SECRET_ARN = `arn:aws:secretsmanager:${REGION}:${ACCOUNT}:secret:influx-`;
const LIVE = { database: 'verify-series', table: 'segment' };
export const LIVE_TABLE_ARN = `arn:aws:timestream:${REGION}:${ACCOUNT}:database/${LIVE.database}/table/${LIVE.table}`;

/** The functions of one time series, as their entries make them. */
export interface OpenSeries {
  write(rows: readonly AnalyticsRow[]): Promise<SQSBatchResponse>;
  /** The function's own event, whatever it is. */
  askRaw(event: unknown): Promise<unknown>;
  ask(query: AnalyticsQueryName, params?: Record<string, unknown>): Promise<unknown>;
  close(): Promise<void>;
}

/**
 * @param influx a real InfluxDB and its database; default: a stand-in that takes and answers nothing, for
 * what is about AWS's calls alone
 */
export async function openSeries(
  { variables }: Pick<MadeRoad, 'variables'>,
  kind: 'influxdb' | 'live-analytics',
  influx?: { readonly endpoint: string; readonly database: string },
): Promise<OpenSeries> {
  const endpoint = variables[ENVIRONMENT.awsEndpoint]!;
  const clients = createTimeSeriesClients({
    region: REGION,
    endpoint,
    requestTimeoutMs: 10_000,
    maxAttempts: 1,
  });
  const secret = async (name: string): Promise<string> => {
    const Name = uniqueName(`influx-${name}`);
    const SecretString = JSON.stringify({ token: `${name}-token` });
    return (await clients.secrets.send(new CreateSecretCommand({ Name, SecretString }))).ARN!;
  };
  const standIn = influx ? null : await startStandIn();
  if (kind === 'live-analytics') {
    const { database: DatabaseName, table: TableName } = LIVE;
    await clients.timestreamWrite.send(new CreateDatabaseCommand({ DatabaseName }));
    await clients.timestreamWrite.send(new CreateTableCommand({ DatabaseName, TableName }));
  }
  const shared = {
    environment: 'verify',
    awsEndpoint: endpoint,
    timeSeries: kind,
    influxUrl: influx?.endpoint ?? standIn!.endpoint,
    timeSeriesDatabase: kind === 'influxdb' ? (influx?.database ?? 'tierwatch') : LIVE.database,
    timeSeriesTable: LIVE.table,
  };
  vi.resetModules();
  setVariables({ ...shared, influxSecret: await secret('write') });
  const { handler: write } = await import('../../../handlers/analytics.entry');
  setVariables({ influxSecret: await secret('read') });
  const { handler: ask } = await import('../../../handlers/analytics-query.entry');
  const context = (functionName: string) => ({ functionName }) as Context;
  return {
    write: (rows) => write(sqsEvent(rows), context('analytics') as never) as Promise<never>,
    askRaw: (event) => ask(event, context('analytics-query')) as Promise<unknown>,
    ask: (query, params = {}) =>
      ask({ query, sites: null, params }, context('analytics-query')) as Promise<unknown>,
    close: async () => standIn?.close(),
  };
}

async function startStandIn(): Promise<{ endpoint: string; close(): void }> {
  const server = createServer((request, response) => {
    request.resume();
    response.statusCode = request.url!.startsWith('/write') ? 204 : 200;
    response.end(request.url!.startsWith('/write') ? undefined : '{"results":[{}]}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { endpoint: `http://127.0.0.1:${port}`, close: () => server.close() };
}

/** The functions of an environment without a time series, as their entries make them. */
export async function openRollUps({ variables, table }: Pick<MadeRoad, 'variables' | 'table'>) {
  const context = (functionName: string) => ({ functionName }) as Context;
  vi.resetModules();
  Object.assign(process.env, variables);
  setVariables({ rollUpTable: table.name });
  const { handler: rollUp } = await import('../../../handlers/roll-up.entry');
  const { handler: ask } = await import('../../../handlers/analytics-query.entry');
  delete process.env[ENVIRONMENT.rollUpTable];
  return {
    rollUp: () => rollUp({}, context('roll-up')),
    ask: (query: AnalyticsQueryName, params: Record<string, unknown> = {}) =>
      ask({ query, sites: null, params }, context('analytics-query')) as Promise<unknown>,
  };
}

/** analytics-setup as its entry makes it, against a stand-in of InfluxDB 2. */
export async function openSetup({ variables }: Pick<MadeRoad, 'variables'>) {
  const awsEndpoint = variables[ENVIRONMENT.awsEndpoint]!;
  const { secrets } = createTimeSeriesClients({
    region: REGION,
    endpoint: awsEndpoint,
    requestTimeoutMs: 10_000,
    maxAttempts: 1,
  });
  const make = async (name: string, content?: object): Promise<string> => {
    const SecretString = content ? { SecretString: JSON.stringify(content) } : {};
    const command = new CreateSecretCommand({
      Name: uniqueName(`influx-${name}`),
      ...SecretString,
    });
    return (await secrets.send(command)).ARN!;
  };
  const influx = new Influx2StandIn();
  setVariables({
    environment: 'verify',
    awsEndpoint,
    influxUrl: await influx.start(),
    timeSeriesDatabase: 'tierwatch',
    timeSeriesDays: '400',
    influxAdminSecret: await make('admin', ADMIN),
    influxWriteSecret: await make('write'),
    influxReadSecret: await make('read'),
  });
  vi.resetModules();
  const { handler } = await import('../../../handlers/analytics-setup.entry');
  return {
    run: () => handler({}, { functionName: 'analytics-setup' } as Context),
    close: () => influx.stop(),
  };
}

function setVariables(values: Partial<Record<EnvironmentName, string>>): void {
  for (const [name, value] of Object.entries(values)) {
    process.env[ENVIRONMENT[name as EnvironmentName]] = value;
  }
}
