import { DynamoAnalytics } from '../adapters/aws/dynamo-analytics';
import { DynamoRollUps } from '../adapters/aws/dynamo-roll-ups';
import { createAnalyticsQuery } from './analytics-query';
import { awsPorts, clientsOf, systemClock } from './aws-road';
import { readEnvironment } from './environment';
import { observed } from './observed';
import { openTimeSeries, TIME_SERIES_ENVIRONMENT } from './time-series';

const given = readEnvironment(['environment', 'rollUpTable', ...TIME_SERIES_ENVIRONMENT]);
const { telemetry, observe } = observed('analytics-query', given.environment);

/** Of an environment without a time series: the roll-ups in its table. */
function openRollUps(table: string): DynamoAnalytics {
  return new DynamoAnalytics(new DynamoRollUps(awsPorts.table(clientsOf(given), { table })));
}

/** Named queries of the api and the command → rows of the time series, or of the roll-ups. */
export const handler = observe(
  createAnalyticsQuery({
    analytics: given.rollUpTable
      ? openRollUps(given.rollUpTable)
      : openTimeSeries(given, telemetry),
    clock: systemClock,
  }),
);
