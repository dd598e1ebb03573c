import { DEFAULT_CLIENT_OPTIONS } from '../adapters/aws/clients';
import { InfluxHttp } from '../adapters/aws/influx-http';
import { SecretToken } from '../adapters/aws/influx-token';
import { InfluxAnalytics } from '../adapters/aws/influxdb';
import { LiveAnalytics } from '../adapters/aws/live-analytics';
import { reportRejected } from '../adapters/aws/rejected-row';
import { createTimeSeriesClients } from '../adapters/aws/time-series-clients';
import type { AnalyticsReader, AnalyticsStore, Telemetry } from '../core/ports';
import { systemClock } from './aws-road';
import { EnvironmentError, type readEnvironment } from './environment';

/** Names that a function of the time series is given. */
export const TIME_SERIES_ENVIRONMENT = [
  'timeSeries',
  'influxUrl',
  'influxSecret',
  'timeSeriesDatabase',
  'timeSeriesTable',
  'awsEndpoint',
] as const;
type Given = ReturnType<typeof readEnvironment<(typeof TIME_SERIES_ENVIRONMENT)[number]>>;

/**
 * The environment's time series, whichever Timestream holds it. Rows that it will never take are logged and
 * counted: the others are written.
 * @throws {EnvironmentError}
 */
export function openTimeSeries(
  given: Given,
  telemetry: Telemetry,
): Pick<AnalyticsStore, 'write'> & AnalyticsReader {
  const { timeSeries, influxUrl, influxSecret, timeSeriesDatabase, timeSeriesTable } = given;
  const clients = createTimeSeriesClients({
    region: process.env.AWS_REGION ?? 'us-east-1',
    ...(given.awsEndpoint ? { endpoint: given.awsEndpoint } : {}),
    ...DEFAULT_CLIENT_OPTIONS,
  });
  const onRejected = reportRejected(telemetry);
  if (timeSeries === 'influxdb') {
    if (!influxUrl || !influxSecret || !timeSeriesDatabase) {
      throw new EnvironmentError([
        'timeSeries: "influxdb" needs influxUrl, influxSecret and timeSeriesDatabase',
      ]);
    }
    const options = {
      endpoint: influxUrl,
      database: timeSeriesDatabase,
      ...DEFAULT_CLIENT_OPTIONS,
    };
    return new InfluxAnalytics(
      new InfluxHttp(options, new SecretToken(clients.secrets, influxSecret)),
      onRejected,
    );
  }
  if (timeSeries !== 'live-analytics' || !timeSeriesDatabase || !timeSeriesTable) {
    throw new EnvironmentError([
      'expected timeSeries: "influxdb", or "live-analytics" with timeSeriesDatabase and timeSeriesTable',
    ]);
  }
  const table = { database: timeSeriesDatabase, table: timeSeriesTable };
  return new LiveAnalytics(clients, { table, clock: systemClock, onRejected });
}
