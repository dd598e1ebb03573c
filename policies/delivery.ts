import { MAX_DELIVERIES, VISIBILITY_FACTOR } from '../core/limits';
import { type Judged, propsOf, type ResourceRule, type StackRule } from './rule';
import { attachedTo, isSet, ofType, pointsTo } from './stack';

const QUEUE = 'aws:sqs/queue:Queue';
const REDRIVE = 'aws:sqs/redrivePolicy:RedrivePolicy';
const REDRIVE_ALLOW = 'aws:sqs/redriveAllowPolicy:RedriveAllowPolicy';
const SOURCE = 'aws:lambda/eventSourceMapping:EventSourceMapping';
const FUNCTION = 'aws:lambda/function:Function';
const ALIAS = 'aws:lambda/alias:Alias';

export const queueHasDeadLetters: StackRule = {
  scope: 'stack',
  name: 'queue-has-dead-letters',
  theme: 'delivery',
  description: 'A queue hands messages that keep failing to a queue of dead letters.',
  why: 'Without one, a poisoned message is delivered again until it expires: it costs money all the while, and then it is lost.',
  fix: 'give it a redrivePolicy that names its dead-letter queue',
  judges: [QUEUE],
  check(queue, stack) {
    const expected = 'dead letters';
    const givers = [...ofType(stack, QUEUE), ...ofType(stack, REDRIVE)];
    if (givers.some((one) => one.urn !== queue.urn && pointsTo(one, 'redrivePolicy', queue))) {
      return null;
    }
    const redrive = redriveOf(queue, stack);
    if (!redrive) return { expected, found: 'a queue without a redrivePolicy' };
    const dead = ofType(stack, QUEUE).find((one) => pointsTo(redrive, 'redrivePolicy', one));
    if (!dead) return { expected, found: 'a redrivePolicy that names no queue of the program' };
    return dead.urn === queue.urn ? { expected, found: 'a redrivePolicy that names itself' } : null;
  },
};

/** What holds a queue's redrivePolicy: itself, or a resource beside it. */
function redriveOf(queue: Judged, stack: readonly Judged[]): Judged | undefined {
  if (isSet(queue, 'redrivePolicy')) return queue;
  return attachedTo(queue, { stack, type: REDRIVE, property: 'queueUrl' })[0];
}

export const deliveriesAreCounted: ResourceRule<{ readonly maxDeliveries: number }> = {
  scope: 'resource',
  name: 'deliveries-are-counted',
  theme: 'delivery',
  description: 'A message becomes a dead letter after a few deliveries.',
  why: 'Every further delivery of a message that can’t be worked is paid for and delays the others.',
  fix: `set maxReceiveCount to ${MAX_DELIVERIES}`,
  limits: { maxDeliveries: { strict: MAX_DELIVERIES, meaning: 'Deliveries of one message' } },
  judges: [QUEUE, REDRIVE],
  check(queue, { maxDeliveries }) {
    if (!isSet(queue, 'redrivePolicy')) return null;
    const { redrivePolicy = '{}' } = propsOf<{ redrivePolicy: string }>(queue);
    const { maxReceiveCount } = JSON.parse(redrivePolicy) as { maxReceiveCount?: number };
    if (maxReceiveCount !== undefined && maxReceiveCount <= maxDeliveries) return null;
    return {
      expected: `at most ${maxDeliveries} deliveries`,
      found: maxReceiveCount === undefined ? 'no maxReceiveCount' : String(maxReceiveCount),
    };
  },
};

export const deadLettersComeFromOneQueue: StackRule = {
  scope: 'stack',
  name: 'dead-letters-come-from-one-queue',
  theme: 'delivery',
  description: 'Dead letters are moved back only to the queue that they came from.',
  why: 'A redrive into another lane’s queue would hand its function messages that it does not know.',
  fix: 'add a RedriveAllowPolicy with redrivePermission byQueue and the one source queue',
  judges: [QUEUE],
  check(queue, stack) {
    const sources = ofType(stack, QUEUE).filter((one) => {
      const redrive = redriveOf(one, stack);
      return redrive && pointsTo(redrive, 'redrivePolicy', queue);
    });
    const [source] = sources;
    if (!source) return null;
    const expected = 'a RedriveAllowPolicy for its one source';
    if (sources.length > 1) return { expected, found: `${sources.length} sources` };
    const [allows] = attachedTo(queue, { stack, type: REDRIVE_ALLOW, property: 'queueUrl' });
    if (!allows) return { expected, found: 'none' };
    const { redriveAllowPolicy = '{}' } = propsOf<{ redriveAllowPolicy: string }>(allows);
    const { redrivePermission, sourceQueueArns = [] } = JSON.parse(redriveAllowPolicy) as {
      redrivePermission?: string;
      sourceQueueArns?: readonly string[];
    };
    if (redrivePermission !== 'byQueue') return { expected, found: String(redrivePermission) };
    const isItsOwn = sourceQueueArns.length === 1 && pointsTo(allows, 'redriveAllowPolicy', source);
    return isItsOwn ? null : { expected, found: `one for ${sourceQueueArns.join(', ') || 'none'}` };
  },
};

export const visibilityCoversTimeout: StackRule<{ readonly minFactor: number }> = {
  scope: 'stack',
  name: 'visibility-covers-timeout',
  theme: 'delivery',
  description: 'A message stays hidden for several timeouts of the function that works it.',
  why: 'Else it is delivered again while it is being worked, and the work is paid for twice: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html',
  fix: `set visibilityTimeoutSeconds to ${VISIBILITY_FACTOR} × the function's timeout`,
  limits: { minFactor: { strict: VISIBILITY_FACTOR, meaning: 'Timeouts for which it is hidden' } },
  judges: [SOURCE],
  check(source, stack, { minFactor }) {
    const expected = `messages hidden for at least ${minFactor} timeouts`;
    const queue = ofType(stack, QUEUE).find((one) => pointsTo(source, 'eventSourceArn', one));
    const target =
      ofType(stack, FUNCTION).find((one) => pointsTo(source, 'functionName', one)) ??
      functionBehindAlias(source, stack);
    if (!queue) return isQueue(source) ? { expected, found: 'a queue from elsewhere' } : null;
    if (!target) return { expected, found: 'a function from elsewhere' };
    const { visibilityTimeoutSeconds = DEFAULT_VISIBILITY_SECONDS } = propsOf<{
      visibilityTimeoutSeconds: number;
    }>(queue);
    const { timeout = DEFAULT_TIMEOUT_SECONDS } = propsOf<{ timeout: number }>(target);
    if (visibilityTimeoutSeconds >= minFactor * timeout) return null;
    return {
      expected: `"${queue.name}" to hide messages for at least ${minFactor * timeout} s`,
      found: `${visibilityTimeoutSeconds} s with a timeout of ${timeout} s`,
    };
  },
};

/** An event source may be a stream, which hides nothing. */
function isQueue(source: Judged): boolean {
  const { eventSourceArn = '' } = propsOf<{ eventSourceArn: string }>(source);
  return eventSourceArn.split(':')[2] === 'sqs';
}

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html */
const DEFAULT_VISIBILITY_SECONDS = 30;
/** https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html */
const DEFAULT_TIMEOUT_SECONDS = 3;

function functionBehindAlias(source: Judged, stack: readonly Judged[]): Judged | undefined {
  const alias = ofType(stack, ALIAS).find((one) => pointsTo(source, 'functionName', one));
  return alias && ofType(stack, FUNCTION).find((one) => pointsTo(alias, 'functionName', one));
}

export const eventSourceReportsPartialFailures: ResourceRule = {
  scope: 'resource',
  name: 'event-source-reports-partial-failures',
  theme: 'delivery',
  description: 'A function tells which messages of a batch failed; only these come back.',
  why: 'Without it one bad message brings its whole batch back, and the good ones are worked and paid for again.',
  fix: "set functionResponseTypes to ['ReportBatchItemFailures']",
  judges: [SOURCE],
  check(source) {
    const { functionResponseTypes = [] } = propsOf<{ functionResponseTypes: string[] }>(source);
    if (functionResponseTypes.includes('ReportBatchItemFailures')) return null;
    return {
      expected: 'ReportBatchItemFailures',
      found: functionResponseTypes.length > 0 ? functionResponseTypes.join(', ') : 'none',
    };
  },
};

export const DELIVERY_RULES = [
  queueHasDeadLetters,
  deliveriesAreCounted,
  deadLettersComeFromOneQueue,
  visibilityCoversTimeout,
  eventSourceReportsPartialFailures,
] as const;
