import { describe, expect, it } from 'vitest';
import * as delivery from '../../policies/delivery';
import { arnOf, made, messages, spoil, without } from './judged';

const dead = made('aws:sqs/queue:Queue', 'cpu-dead', {
  name: 'cpu-dead',
  arn: arnOf('sqs', 'cpu-dead'),
  url: 'https://sqs.us-east-1.amazonaws.com/123456789012/cpu-dead',
});
const queue = made(
  'aws:sqs/queue:Queue',
  'cpu',
  {
    arn: arnOf('sqs', 'cpu'),
    visibilityTimeoutSeconds: 720,
    redrivePolicy: JSON.stringify({ deadLetterTargetArn: dead.props.arn, maxReceiveCount: 5 }),
  },
  { redrivePolicy: [dead] },
);
const allow = made(
  'aws:sqs/redriveAllowPolicy:RedriveAllowPolicy',
  'cpu',
  { redriveAllowPolicy: JSON.stringify({ redrivePermission: 'byQueue' }) },
  { queueUrl: [dead], redriveAllowPolicy: [queue] },
);
const worker = made('aws:lambda/function:Function', 'detect-cpu', { timeout: 120 });
const alias = made('aws:lambda/alias:Alias', 'detect-cpu', {}, { functionName: [worker] });
const source = made(
  'aws:lambda/eventSourceMapping:EventSourceMapping',
  'detect-cpu',
  { functionResponseTypes: ['ReportBatchItemFailures'] },
  { eventSourceArn: [queue], functionName: [alias] },
);
const GOOD = [dead, queue, allow, worker, alias, source];

describe('the rules of delivery', () => {
  it.each(delivery.DELIVERY_RULES)('$name passes a lane', (rule) => {
    expect(messages(rule, GOOD)).toEqual([]);
  });

  it('a queue has dead letters', () => {
    const alone = made('aws:sqs/queue:Queue', 'alone', {});
    expect(messages(delivery.queueHasDeadLetters, [...GOOD, alone])).toEqual([
      '"alone": expected dead letters, found a queue without a redrivePolicy; give it a redrivePolicy that names its dead-letter queue',
    ]);
  });

  it('a message is delivered five times at most', () => {
    const redrivePolicy = JSON.stringify({ deadLetterTargetArn: 'x', maxReceiveCount: 100 });
    expect(messages(delivery.deliveriesAreCounted, spoil(GOOD, queue, { redrivePolicy }))).toEqual([
      '"cpu": expected at most 5 deliveries, found 100; set maxReceiveCount to 5',
    ]);
  });

  it('dead letters return only to their own queue', () => {
    const fix = 'add a RedriveAllowPolicy with redrivePermission byQueue and the one source queue';
    expect(messages(delivery.deadLettersComeFromOneQueue, without(GOOD, allow))).toEqual([
      `"cpu-dead": expected a RedriveAllowPolicy for its one source, found none; ${fix}`,
    ]);
    const redriveAllowPolicy = JSON.stringify({ redrivePermission: 'allowAll' });
    expect(
      messages(delivery.deadLettersComeFromOneQueue, spoil(GOOD, allow, { redriveAllowPolicy })),
    ).toEqual([
      `"cpu-dead": expected a RedriveAllowPolicy for its one source, found allowAll; ${fix}`,
    ]);
  });

  it('a queue hides messages for six timeouts, also of a function behind an alias', () => {
    expect(
      messages(
        delivery.visibilityCoversTimeout,
        spoil(GOOD, queue, { visibilityTimeoutSeconds: 719 }),
      ),
    ).toEqual([
      '"detect-cpu": expected "cpu" to hide messages for at least 720 s, found 719 s with a timeout of 120 s; set visibilityTimeoutSeconds to 6 × the function\'s timeout',
    ]);
  });

  it('an event source reports partial failures', () => {
    const spoiled = spoil(GOOD, source, { functionResponseTypes: undefined });
    expect(messages(delivery.eventSourceReportsPartialFailures, spoiled)).toEqual([
      '"detect-cpu": expected ReportBatchItemFailures, found none; set functionResponseTypes to [\'ReportBatchItemFailures\']',
    ]);
  });
});
