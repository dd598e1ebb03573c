import { Logger } from '@aws-lambda-powertools/logger';
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware';
import middy, { type MiddlewareObj } from '@middy/core';
import type { Context } from 'aws-lambda';
import { TRACE_VARIABLE } from '../core/environment';
import type { MetricName, Telemetry } from '../core/ports';

const SECONDS: readonly MetricName[] = ['analysisSeconds', 'lagSeconds'];
export const METRICS_NAMESPACE = 'Tierwatch';

export interface Observed {
  readonly telemetry: Telemetry;
  /** Wraps a function with structured logs, metrics (EMF) and traces. */
  readonly observe: <Event, Answer>(
    handler: (event: Event, context: Context) => Promise<Answer>,
  ) => (event: Event, context: Context) => Promise<Answer>;
}

/**
 * What operations sees of one function: JSON log lines, metrics by environment and function, traces.
 * @param name of the function: one name end to end
 */
export function observed(name: string, environment: string): Observed {
  const logger = new Logger({ serviceName: name, persistentKeys: { environment } });
  const metrics = new Metrics({ namespace: METRICS_NAMESPACE, serviceName: name });
  dimensionsOf(metrics, environment);
  const traced = process.env[TRACE_VARIABLE] === 'false' ? [] : [tracedBy(name)];
  return {
    telemetry: powertoolsTelemetry(logger, metrics, environment),
    observe: (handler) =>
      middy(handler)
        .use(injectLambdaContext(logger, { clearState: true }))
        .use(logMetrics(metrics, { captureColdStartMetric: true }))
        .use(traced) as never,
  };
}

/** Traces, by what is loaded for them alone: X-Ray's SDK takes a seventh of a cold start. */
function tracedBy(name: string): MiddlewareObj {
  const loading = import('./traced').then(({ traceWith }) => traceWith(name));
  // Told by the first event.
  loading.catch(() => {});
  return {
    before: async (request) => (await loading).before?.(request),
    after: async (request) => (await loading).after?.(request),
    onError: async (request) => (await loading).onError?.(request),
  };
}

/** Alarms name a metric by exactly its dimensions, and each set of them is paid for: no `service` (contracts 19). */
function dimensionsOf(metrics: Metrics, environment: string): void {
  metrics.clearDefaultDimensions();
  metrics.setDefaultDimensions({ environment });
}

function powertoolsTelemetry(logger: Logger, metrics: Metrics, environment: string): Telemetry {
  return {
    count: (metric, value, dimensions) => {
      const unit = SECONDS.includes(metric) ? MetricUnit.Seconds : MetricUnit.Count;
      if (!dimensions) {
        metrics.addMetric(metric, unit, value);
        return;
      }
      const single = metrics.singleMetric();
      dimensionsOf(single, environment);
      single.addDimensions({ ...dimensions });
      single.addMetric(metric, unit, value);
    },
    log: (level, message, fields) => logger[level](message, { ...fields }),
  };
}
