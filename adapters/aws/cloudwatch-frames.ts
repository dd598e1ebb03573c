import {
  CloudWatchClient,
  type MetricDataQuery,
  paginateGetMetricData,
} from '@aws-sdk/client-cloudwatch';
import type { FrameCounts } from '../../core/lane-switch';
import type { MetricName } from '../../core/ports';
import { type ClientOptions, clientConfig } from './clients';

export function createMetricsClient(options: ClientOptions): CloudWatchClient {
  return new CloudWatchClient(clientConfig(options));
}

const METRIC: MetricName = 'framesInferred';
const LANES = ['cpu', 'gpu'] as const;
const PERIOD_SECONDS = 60;
/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html */
const MAX_QUERIES = 500;

/** Frames by the functions' own metrics, which CloudWatch has a minute or two later. */
export class CloudWatchFrames implements FrameCounts {
  constructor(
    private readonly client: CloudWatchClient,
    private readonly scope: { readonly namespace: string; readonly environment: string },
  ) {}

  async framesInferred(
    tiers: readonly string[],
    { from, to }: { readonly from: Date; readonly to: Date },
  ): Promise<number> {
    const queries = tiers.flatMap((tier) => LANES.map((lane) => this.query(tier, lane)));
    const named = queries.map((query, index) => ({ ...query, Id: `q${index}` }));
    let sum = 0;
    for (let first = 0; first < named.length; first += MAX_QUERIES) {
      const MetricDataQueries = named.slice(first, first + MAX_QUERIES);
      const period = { StartTime: from, EndTime: to };
      const pages = paginateGetMetricData(
        { client: this.client },
        { MetricDataQueries, ...period },
      );
      for await (const { MetricDataResults = [] } of pages) {
        for (const { Values = [] } of MetricDataResults) {
          sum += Values.reduce((all, value) => all + value, 0);
        }
      }
    }
    return sum;
  }

  private query(tier: string, lane: string): Omit<MetricDataQuery, 'Id'> {
    const { namespace: Namespace, environment } = this.scope;
    const values = { environment, tier, lane };
    const Dimensions = Object.entries(values).map(([Name, Value]) => ({ Name, Value }));
    const Metric = { Namespace, MetricName: METRIC, Dimensions };
    return { MetricStat: { Metric, Period: PERIOD_SECONDS, Stat: 'Sum' } };
  }
}
