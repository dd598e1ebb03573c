import { createAnalyticsQuery } from './analytics-query';
import { systemClock } from './aws-road';
import { readEnvironment } from './environment';
import { observed } from './observed';
import { openTimeSeries, TIME_SERIES_ENVIRONMENT } from './time-series';

const given = readEnvironment(['environment', ...TIME_SERIES_ENVIRONMENT]);
const { telemetry, observe } = observed('analytics-query', given.environment);

/** Named queries of the api and the command → rows of the time series. */
export const handler = observe(
  createAnalyticsQuery({ analytics: openTimeSeries(given, telemetry), clock: systemClock }),
);
