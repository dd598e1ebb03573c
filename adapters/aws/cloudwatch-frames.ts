import { CloudWatchClient, paginateGetMetricData } from '@aws-sdk/client-cloudwatch';
import type { FrameCounts } from '../../core/lane-switch';
import type { MetricName } from '../../core/ports';
import { type ClientOptions, clientConfig } from './clients';

export function createMetricsClient(options: ClientOptions): CloudWatchClient {
  return new CloudWatchClient(clientConfig(options));
}

const METRIC: MetricName = 'framesMeantForGpu';
const PERIOD_SECONDS = 60;

/** Frames by the functions' own metric of an environment, which CloudWatch has a minute or two later. */
export class CloudWatchFrames implements FrameCounts {
  constructor(
    private readonly client: CloudWatchClient,
    private readonly scope: { readonly namespace: string; readonly environment: string },
  ) {}

  async framesMeantForGpu({
    from,
    to,
  }: {
    readonly from: Date;
    readonly to: Date;
  }): Promise<number> {
    const { namespace, environment } = this.scope;
    const Metric = {
      Namespace: namespace,
      MetricName: METRIC,
      Dimensions: [{ Name: 'environment', Value: environment }],
    };
    const MetricStat = { Metric, Period: PERIOD_SECONDS, Stat: 'Sum' };
    const pages = paginateGetMetricData(
      { client: this.client },
      { MetricDataQueries: [{ Id: 'frames', MetricStat }], StartTime: from, EndTime: to },
    );
    let sum = 0;
    for await (const { MetricDataResults = [] } of pages) {
      for (const { Values = [] } of MetricDataResults) {
        sum += Values.reduce((all, value) => all + value, 0);
      }
    }
    return sum;
  }
}
