import { type CloudWatchClient, GetMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import type { Clock } from '../../core/ports';

const PERIOD_SECONDS = 60;
/** SQS tells an age once a minute, and a minute or two later. */
const LOOK_BACK_MS = 300_000;

/** How long queues' oldest messages have waited: SQS itself tells it to CloudWatch alone. */
export class CloudWatchQueueAges {
  constructor(
    private readonly client: CloudWatchClient,
    private readonly clock: Clock,
  ) {}

  /** @param names of at most 500 queues. @returns seconds by name; none where it is not known */
  async oldestSeconds(names: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const now = this.clock.now();
    const { MetricDataResults = [] } = await this.client.send(
      new GetMetricDataCommand({
        StartTime: new Date(now.getTime() - LOOK_BACK_MS),
        EndTime: now,
        ScanBy: 'TimestampDescending',
        MetricDataQueries: names.map((Value, index) => ({
          Id: `q${index}`,
          MetricStat: {
            Metric: {
              Namespace: 'AWS/SQS',
              MetricName: 'ApproximateAgeOfOldestMessage',
              Dimensions: [{ Name: 'QueueName', Value }],
            },
            Period: PERIOD_SECONDS,
            Stat: 'Maximum',
          },
        })),
      }),
    );
    const ages = new Map<string, number>();
    for (const { Id = '', Values = [] } of MetricDataResults) {
      const [latest] = Values;
      const name = names[Number(Id.slice(1))];
      if (latest !== undefined && name !== undefined) ages.set(name, latest);
    }
    return ages;
  }
}
