import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import type { FunctionName } from '../handlers/all.permissions';
import type { Analytics } from './analytics';
import { feedFromQueue } from './feed';
import type { ImageFunction, ImageFunctionArgs } from './image-function';
import type { LaneQueue } from './lane-queue';

export interface ServeSeriesArgs {
  readonly series: Analytics;
  /** Rows on their way to the time series. */
  readonly rows: LaneQueue;
  readonly functionOf: (
    name: FunctionName,
    memoryMb: number,
    change: Partial<ImageFunctionArgs>,
  ) => ImageFunction;
  readonly isPaused: boolean;
  readonly environment: string;
}

const MEMORY_MB = 512;
const ROWS_AT_ONCE = 100;
const WAIT_SECONDS = 5;
const MAX_WRITERS = 5;

/** The functions of the time series: who writes, who answers, and who prepares it at each deployment. */
export function serveSeries(
  name: string,
  { series, rows, functionOf, isPaused, environment }: ServeSeriesArgs,
): { readonly reader: ImageFunction } {
  const { variables, network } = series.settings;
  const make = (one: FunctionName, influxSecret?: pulumi.Input<string>): ImageFunction =>
    functionOf(one, MEMORY_MB, {
      network,
      variables: { environment, ...variables, ...(influxSecret ? { influxSecret } : {}) },
    });
  const writer = make('analytics', variables.influxWriteSecret);
  const reader = make('analytics-query', variables.influxReadSecret);
  const fed = feedFromQueue(
    `${name}-analytics`,
    {
      queue: rows.queue,
      target: writer,
      batchSize: ROWS_AT_ONCE,
      windowSeconds: WAIT_SECONDS,
      maxConcurrency: MAX_WRITERS,
      isPaused,
    },
    {},
  );
  if (network) {
    const setup = make('analytics-setup');
    const { influxUrl, timeSeriesDays, influxAdminSecret } = variables;
    new aws.lambda.Invocation(
      `${name}-analytics-setup`,
      {
        functionName: setup.lambda.name,
        qualifier: setup.alias.name,
        input: '{}',
        triggers: pulumi
          .all({ influxUrl, timeSeriesDays, influxAdminSecret })
          .apply((all) =>
            Object.fromEntries(Object.entries(all).map(([key, value]) => [key, String(value)])),
          ),
      },
      { dependsOn: [setup.alias, network.secretsDoor, fed] },
    );
  }
  return { reader };
}
