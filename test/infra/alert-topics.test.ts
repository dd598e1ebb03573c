import { expect, it } from 'vitest';
import { AlertTopics } from '../../infra/alert-topics';
import { partsOf } from './alone';

const arnOf = (name: string): string => `arn:aws:sns:us-east-1:123456789012:${name}`;

it('is a topic a notify name with its subscribers, and one of alarms', async () => {
  const subscribers = {
    ops: { email: ['a@example.com'], https: ['https://alerts.example.com/in'] },
  };
  const parts = await partsOf(
    () =>
      new AlertTopics('dev', { names: ['ops', 'guards'], subscribers, emails: ['b@example.com'] }),
  );
  const named = (kind: string) => Object.keys(parts).filter((name) => name.startsWith(`${kind} `));
  expect(named('Topic')).toEqual(['Topic dev-ops', 'Topic dev-guards', 'Topic dev-operations']);
  expect(parts['Topic dev-ops']?.kmsMasterKeyId).toBe('alias/aws/sns');
  expect(parts['Topic dev-operations']?.kmsMasterKeyId).toContain(':kms:');
  expect(named('TopicSubscription').map((name) => parts[name])).toEqual([
    { topic: arnOf('dev-ops'), protocol: 'email', endpoint: 'a@example.com' },
    {
      topic: arnOf('dev-ops'),
      protocol: 'https',
      endpoint: 'https://alerts.example.com/in',
      rawMessageDelivery: true,
    },
    { topic: arnOf('dev-operations'), protocol: 'email', endpoint: 'b@example.com' },
  ]);
});
