import { createAnalytics } from './analytics';
import { readEnvironment } from './environment';
import { observed } from './observed';
import { openTimeSeries, TIME_SERIES_ENVIRONMENT } from './time-series';

const given = readEnvironment(['environment', ...TIME_SERIES_ENVIRONMENT]);
const { telemetry, observe } = observed('analytics', given.environment);

/** The analytics queue → the time series. */
export const handler = observe(
  createAnalytics({ analytics: openTimeSeries(given, telemetry), telemetry }),
);
