import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import { QUEUE_KEPT_DAYS } from '../core/limits';

export interface GuardrailsArgs {
  readonly environment: string;
  readonly budgetUsdPerMonth: number;
  readonly budgetEmails: readonly string[];
  readonly alarmTopic: aws.sns.Topic;
}

const METRICS_NAMESPACE = 'Tierwatch';
/** From the end of a segment to its rows; a segment itself is a minute long. */
const MAX_LAG_SECONDS = 900;
/** From then on nothing comes by itself any more: there are months left before lifecycle. */
const MAX_UNANALYSED_HOURS = QUEUE_KEPT_DAYS * 24;
const DAY_SECONDS = 86_400;

/** What keeps an environment from costing or failing unseen: budget, alarms, one dashboard. */
export class Guardrails extends pulumi.ComponentResource {
  constructor(name: string, args: GuardrailsArgs, options?: pulumi.ComponentResourceOptions) {
    super('tierwatch:index:Guardrails', name, {}, options);
    const parent = { parent: this };
    const { environment, budgetEmails } = args;
    const notification = (threshold: number, notificationType: 'ACTUAL' | 'FORECASTED') => ({
      comparisonOperator: 'GREATER_THAN',
      threshold,
      thresholdType: 'PERCENTAGE',
      notificationType,
      subscriberEmailAddresses: [...budgetEmails],
    });
    new aws.budgets.Budget(
      name,
      {
        budgetType: 'COST',
        limitAmount: String(args.budgetUsdPerMonth),
        limitUnit: 'USD',
        timeUnit: 'MONTHLY',
        costFilters: [
          { name: 'TagKeyValue', values: [`user:tierwatch:environment$${environment}`] },
        ],
        notifications: [
          ...[50, 80, 100].map((threshold) => notification(threshold, 'ACTUAL')),
          notification(100, 'FORECASTED'),
        ],
      },
      parent,
    );
    const alarm = (metric: string, description: string): void => {
      new aws.cloudwatch.MetricAlarm(
        `${name}-${metric}`,
        {
          namespace: METRICS_NAMESPACE,
          metricName: metric,
          dimensions: { environment },
          statistic: 'Sum',
          period: 300,
          evaluationPeriods: 1,
          threshold: 0,
          comparisonOperator: 'GreaterThanThreshold',
          treatMissingData: 'notBreaching',
          alarmDescription: description,
          alarmActions: [args.alarmTopic.arn],
        },
        parent,
      );
    };
    alarm('staleFleetConfig', 'The published fleet can’t be read: docs/runbook.md, "stale fleet"');
    alarm('refusedMessages', 'Forged or foreign messages: docs/runbook.md, "refused messages"');
    new aws.cloudwatch.MetricAlarm(
      `${name}-lag`,
      {
        namespace: METRICS_NAMESPACE,
        metricName: 'lagSeconds',
        dimensions: { environment },
        extendedStatistic: 'p95',
        period: 300,
        evaluationPeriods: 3,
        threshold: MAX_LAG_SECONDS,
        comparisonOperator: 'GreaterThanThreshold',
        treatMissingData: 'notBreaching',
        alarmDescription: 'Rows come late, 95th percentile: docs/runbook.md, "behind"',
        alarmActions: [args.alarmTopic.arn],
      },
      parent,
    );
    new aws.cloudwatch.MetricAlarm(
      `${name}-unanalysed`,
      {
        namespace: METRICS_NAMESPACE,
        metricName: 'oldestUnanalysedHours',
        dimensions: { environment },
        statistic: 'Maximum',
        period: DAY_SECONDS,
        evaluationPeriods: 1,
        threshold: MAX_UNANALYSED_HOURS,
        comparisonOperator: 'GreaterThanThreshold',
        treatMissingData: 'notBreaching',
        alarmDescription:
          'Footage was never analysed, and lifecycle can’t know that: docs/runbook.md, "unanalysed footage"',
        alarmActions: [args.alarmTopic.arn],
      },
      parent,
    );
    new aws.cloudwatch.Dashboard(
      name,
      { dashboardName: name, dashboardBody: dashboardOf(environment) },
      parent,
    );
    this.registerOutputs({});
  }
}

function dashboardOf(environment: string): pulumi.Output<string> {
  const { region } = aws.getRegionOutput();
  const widget = (title: string, metrics: readonly (readonly unknown[])[], stat = 'Sum') => ({
    type: 'metric',
    width: 12,
    height: 6,
    properties: { title, region, stat, period: 300, metrics },
  });
  /** Counted for the environment as a whole. */
  const whole = (...names: readonly string[]) =>
    names.map((name) => [METRICS_NAMESPACE, name, 'environment', environment]);
  /** Counted by tier and lane: a line each. */
  const byTier = (stat: string, ...names: readonly string[]) =>
    names.map((name) => {
      const search = `{${METRICS_NAMESPACE},environment,lane,tier} MetricName="${name}" environment="${environment}"`;
      return [{ expression: `SEARCH('${search}', '${stat}', 300)`, label: name }];
    });
  return pulumi.jsonStringify({
    widgets: [
      widget('Segments', [
        ...byTier('Sum', 'segments', 'spilled'),
        ...whole('quarantined', 'retried', 'sentAgain'),
      ]),
      widget('Frames', byTier('Sum', 'framesSampled', 'framesDecoded', 'framesInferred')),
      widget('Lag, p95 (s)', byTier('p95', 'lagSeconds'), 'p95'),
      widget('Alerts and cameras', whole('alertsPending', 'silentCameras', 'unknownCameras')),
    ],
  });
}
