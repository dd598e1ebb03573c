import { DEFAULT_CLIENT_OPTIONS } from '../adapters/aws/clients';
import { SecretText } from '../adapters/aws/secret-text';
import { createTimeSeriesClients } from '../adapters/aws/time-series-clients';
import { createAnalyticsSetup } from './analytics-setup';
import { EnvironmentError, readEnvironment } from './environment';
import { observed } from './observed';

const given = readEnvironment([
  'environment',
  'influxUrl',
  'influxAdminSecret',
  'influxWriteSecret',
  'influxReadSecret',
  'timeSeriesDatabase',
  'timeSeriesDays',
  'awsEndpoint',
]);
const { influxUrl, timeSeriesDatabase } = given;
if (!influxUrl || !timeSeriesDatabase) {
  throw new EnvironmentError(['expected influxUrl and timeSeriesDatabase']);
}
const { telemetry, observe } = observed('analytics-setup', given.environment);
const { secrets } = createTimeSeriesClients({
  region: process.env.AWS_REGION ?? 'us-east-1',
  ...(given.awsEndpoint ? { endpoint: given.awsEndpoint } : {}),
  ...DEFAULT_CLIENT_OPTIONS,
});

/** Invoked by each deployment: InfluxDB's data plane as the other two functions need it. */
export const handler = observe(
  createAnalyticsSetup({
    endpoint: influxUrl,
    database: timeSeriesDatabase,
    retentionDays: given.timeSeriesDays,
    secrets: new SecretText(secrets),
    adminSecret: given.influxAdminSecret,
    writeSecret: given.influxWriteSecret,
    readSecret: given.influxReadSecret,
    telemetry,
  }),
);
