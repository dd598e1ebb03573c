import * as delivery from '../../../policies/delivery';
import type { Judged } from '../../../policies/rule';
import { arnOf, made, spoil, without } from '../judged';
import type { ThemeCases } from './case';

const dead = made('aws:sqs/queue:Queue', 'cpu-dead', {
  name: 'cpu-dead',
  arn: arnOf('sqs', 'cpu-dead'),
});
const queue = made(
  'aws:sqs/queue:Queue',
  'cpu',
  {
    name: 'cpu',
    arn: arnOf('sqs', 'cpu'),
    visibilityTimeoutSeconds: 720,
    redrivePolicy: JSON.stringify({ deadLetterTargetArn: dead.props.arn, maxReceiveCount: 5 }),
  },
  { redrivePolicy: [dead] },
);
const allowing = (change: object): string =>
  JSON.stringify({
    redrivePermission: 'byQueue',
    sourceQueueArns: [arnOf('sqs', 'cpu')],
    ...change,
  });
const allow = made(
  'aws:sqs/redriveAllowPolicy:RedriveAllowPolicy',
  'cpu',
  { redriveAllowPolicy: allowing({}) },
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
const good = [dead, queue, allow, worker, alias, source];

/** The queue with its redrivePolicy written out. */
const redriving = (change: object) => {
  const written = { ...queue, madeFrom: {} };
  const redrivePolicy = JSON.stringify({
    deadLetterTargetArn: dead.props.arn,
    maxReceiveCount: 5,
    ...change,
  });
  return spoil([...without(good, queue), written], queue, { redrivePolicy });
};
/** The lane beside a second queue, whose dead letters go to an ARN. */
const withSecond = (deadLetterTargetArn: string) => [
  ...good,
  made('aws:sqs/queue:Queue', 'gpu', {
    arn: arnOf('sqs', 'gpu'),
    redrivePolicy: JSON.stringify({ deadLetterTargetArn }),
  }),
];
/** The redrivePolicy as a resource beside the queue. */
const apart = (): readonly Judged[] => {
  const { redrivePolicy, ...props } = queue.props;
  const bare = { ...queue, props, madeFrom: {} };
  const beside = made(
    'aws:sqs/redrivePolicy:RedrivePolicy',
    'cpu',
    { redrivePolicy },
    { queueUrl: [bare], redrivePolicy: [dead] },
  );
  return [...without(good, queue), bare, beside];
};
const ofOtherQueue = [
  ...without(good, source),
  { ...source, madeFrom: {}, props: { ...source.props, eventSourceArn: arnOf('sqs', 'theirs') } },
];

export const DELIVERY: ThemeCases = {
  good,
  rules: [
    {
      rule: delivery.queueHasDeadLetters,
      fix: 'give it a redrivePolicy that names its dead-letter queue',
      passes: [['a redrivePolicy beside the queue', apart()]],
      fails: [
        [
          '"alone": expected dead letters, found a queue without a redrivePolicy',
          [...good, made('aws:sqs/queue:Queue', 'alone', {})],
        ],
        [
          '"gpu": expected dead letters, found a redrivePolicy that names no queue of the program',
          // Named as a queue of the program is, but another account's.
          withSecond('arn:aws:sqs:us-east-1:999999999999:cpu-dead'),
        ],
        [
          '"gpu": expected dead letters, found a redrivePolicy that names itself',
          withSecond(arnOf('sqs', 'gpu')),
        ],
      ],
    },
    {
      rule: delivery.deliveriesAreCounted,
      fix: 'set maxReceiveCount to 5',
      passes: [
        [
          'more, where the environment says so',
          redriving({ maxReceiveCount: 10 }),
          { maxDeliveries: 10 },
        ],
      ],
      fails: [
        ['"cpu": expected at most 5 deliveries, found 100', redriving({ maxReceiveCount: 100 })],
        [
          '"cpu": expected at most 5 deliveries, found no maxReceiveCount',
          redriving({ maxReceiveCount: undefined }),
        ],
      ],
    },
    {
      rule: delivery.deadLettersComeFromOneQueue,
      fix: 'add a RedriveAllowPolicy with redrivePermission byQueue and the one source queue',
      passes: [['a redrivePolicy beside the queue', apart()]],
      fails: [
        [
          '"cpu-dead": expected a RedriveAllowPolicy for its one source, found none',
          without(good, allow),
        ],
        [
          '"cpu-dead": expected a RedriveAllowPolicy for its one source, found allowAll',
          spoil(good, allow, { redriveAllowPolicy: allowing({ redrivePermission: 'allowAll' }) }),
        ],
        [
          `"cpu-dead": expected a RedriveAllowPolicy for its one source, found one for ${arnOf('sqs', 'gpu')}`,
          spoil(good, allow, {
            redriveAllowPolicy: allowing({ sourceQueueArns: [arnOf('sqs', 'gpu')] }),
          }),
        ],
        [
          '"cpu-dead": expected a RedriveAllowPolicy for its one source, found 2 sources',
          [...good, { ...queue, name: 'gpu', urn: queue.urn.replace('::cpu', '::gpu') }],
        ],
      ],
    },
    {
      rule: delivery.visibilityCoversTimeout,
      fix: "set visibilityTimeoutSeconds to 6 × the function's timeout",
      passes: [
        [
          'fewer timeouts, where the environment says so',
          spoil(good, queue, { visibilityTimeoutSeconds: 240 }),
          { minFactor: 2 },
        ],
        [
          'a stream, which hides nothing',
          spoil(ofOtherQueue, source, { eventSourceArn: arnOf('kinesis', 'stream/theirs') }),
        ],
      ],
      fails: [
        [
          '"detect-cpu": expected "cpu" to hide messages for at least 720 s, found 719 s with a timeout of 120 s',
          spoil(good, queue, { visibilityTimeoutSeconds: 719 }),
        ],
        [
          '"detect-cpu": expected messages hidden for at least 6 timeouts, found a queue from elsewhere',
          ofOtherQueue,
        ],
        [
          '"detect-cpu": expected messages hidden for at least 6 timeouts, found a function from elsewhere',
          without(good, worker),
        ],
      ],
    },
    {
      rule: delivery.eventSourceReportsPartialFailures,
      fix: "set functionResponseTypes to ['ReportBatchItemFailures']",
      fails: [
        [
          '"detect-cpu": expected ReportBatchItemFailures, found none',
          spoil(good, source, { functionResponseTypes: undefined }),
        ],
        [
          '"detect-cpu": expected ReportBatchItemFailures, found Other',
          spoil(good, source, { functionResponseTypes: ['Other'] }),
        ],
      ],
    },
  ],
};
