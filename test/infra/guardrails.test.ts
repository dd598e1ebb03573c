import { expect, it } from 'vitest';
import { Guardrails } from '../../infra/guardrails';
import { ALARMS, partsOf } from './alone';

const METRIC = {
  namespace: 'Tierwatch',
  dimensions: { environment: 'dev' },
  comparisonOperator: 'GreaterThanThreshold',
  treatMissingData: 'notBreaching',
  alarmActions: [ALARMS],
};
const counted = (metricName: string, alarmDescription: string) => ({
  ...{ ...METRIC, metricName, alarmDescription },
  ...{ statistic: 'Sum', period: 300, evaluationPeriods: 1, threshold: 0 },
});

it('is a budget that speaks at 50, 80 and 100 % and by its forecast, alarms by metric, and one dashboard', async () => {
  const budgetEmails = ['a@example.com'];
  const { 'Dashboard guard': dashboard, ...parts } = await partsOf(
    ({ topic: alarmTopic }) =>
      new Guardrails('guard', {
        ...{ environment: 'dev', budgetUsdPerMonth: 20, budgetEmails, alarmTopic },
      }),
  );
  const speaks = (threshold: number, notificationType: string) => ({
    ...{ comparisonOperator: 'GREATER_THAN', threshold, thresholdType: 'PERCENTAGE' },
    ...{ notificationType, subscriberEmailAddresses: budgetEmails },
  });
  expect(parts).toEqual({
    'Budget guard': {
      budgetType: 'COST',
      limitAmount: '20',
      limitUnit: 'USD',
      timeUnit: 'MONTHLY',
      costFilters: [{ name: 'TagKeyValue', values: ['user:tierwatch:environment$dev'] }],
      notifications: [
        speaks(50, 'ACTUAL'),
        speaks(80, 'ACTUAL'),
        speaks(100, 'ACTUAL'),
        speaks(100, 'FORECASTED'),
      ],
    },
    'MetricAlarm guard-staleFleetConfig': counted(
      'staleFleetConfig',
      'The published fleet can’t be read: docs/runbook.md, "stale fleet"',
    ),
    'MetricAlarm guard-refusedMessages': counted(
      'refusedMessages',
      'Forged or foreign messages: docs/runbook.md, "refused messages"',
    ),
    'MetricAlarm guard-lag': {
      ...METRIC,
      metricName: 'lagSeconds',
      ...{ extendedStatistic: 'p95', period: 300, evaluationPeriods: 3, threshold: 900 },
      alarmDescription: 'Rows come late, 95th percentile: docs/runbook.md, "behind"',
    },
    'MetricAlarm guard-unanalysed': {
      ...METRIC,
      metricName: 'oldestUnanalysedHours',
      ...{ statistic: 'Maximum', period: 86_400, evaluationPeriods: 1, threshold: 96 },
      alarmDescription:
        'Footage was never analysed, and lifecycle can’t know that: docs/runbook.md, "unanalysed footage"',
    },
  });
  const { dashboardName, dashboardBody } = dashboard as Record<string, string>;
  const { widgets } = JSON.parse(dashboardBody!) as {
    widgets: { properties: { title: string } }[];
  };
  expect([dashboardName, widgets.map(({ properties }) => properties.title)]).toEqual([
    'guard',
    ['Segments', 'Frames', 'Lag, p95 (s)', 'Alerts and cameras'],
  ]);
});
