import * as aws from '@pulumi/aws';
import { LaneQueue } from '../../infra/lane-queue';
import { type Asked, runProgram } from './mocks';

/** What a component makes of its arguments, by type and name: whole inputs. */
export async function partsOf(
  make: (parts: { readonly topic: aws.sns.Topic }) => unknown,
): Promise<Readonly<Record<string, Asked['inputs']>>> {
  const program = () => {
    const topic = new aws.sns.Topic('alarms', {});
    return make({ topic });
  };
  const asked = await runProgram(program, { stack: 'dev' });
  const parts = asked.filter(({ type, name }) => type.startsWith('aws:') && name !== 'alarms');
  return Object.fromEntries(
    parts.map(({ type, name, inputs }) => [`${type.split(':').at(-1)} ${name}`, inputs]),
  );
}

/** ARN of the topic that alarms go to. */
export const ALARMS = 'arn:aws:sns:us-east-1:123456789012:alarms';

export const laneQueue = (topic: aws.sns.Topic, name: string): LaneQueue =>
  new LaneQueue(name, { functionTimeoutSeconds: 90, alarmTopic: topic });
