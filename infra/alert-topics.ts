import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import type { Subscribers } from '../core/infra-config';
import { dataKey } from './data-key';

export interface AlertTopicsArgs {
  /** Notify names of the fleet file. */
  readonly names: readonly string[];
  /** Who hears of alerts, by notify name. */
  readonly subscribers: Readonly<Record<string, Subscribers>>;
  readonly key?: aws.kms.Key | undefined;
  /** Who hears of the platform's own alarms. */
  readonly emails: readonly string[];
}

/** One topic a notify name, and one for the platform's own alarms. */
export class AlertTopics extends pulumi.ComponentResource {
  /** By notify name. */
  readonly topics: Readonly<Record<string, aws.sns.Topic>>;
  readonly operations: aws.sns.Topic;

  constructor(name: string, args: AlertTopicsArgs, options?: pulumi.ComponentResourceOptions) {
    super('tierwatch:index:AlertTopics', name, {}, options);
    const make = (topic: string, key: aws.kms.Key | undefined): aws.sns.Topic => {
      const kmsMasterKeyId = key?.arn ?? 'alias/aws/sns';
      const made = new aws.sns.Topic(topic, { kmsMasterKeyId }, { parent: this });
      new aws.sns.TopicPolicy(
        topic,
        { arn: made.arn, policy: topicPolicy(made.arn) },
        { parent: this },
      );
      return made;
    };
    this.topics = Object.fromEntries(
      args.names.map((one) => [one, make(`${name}-${one}`, args.key)]),
    );
    for (const [one, { email, https }] of Object.entries(args.subscribers)) {
      const topic = this.topics[one]!.arn;
      const subscribe = (endpoint: string, protocol: 'email' | 'https'): void => {
        new aws.sns.TopicSubscription(
          `${name}-${one}-${endpoint}`,
          {
            topic,
            protocol,
            endpoint,
            ...(protocol === 'https' ? { rawMessageDelivery: true } : {}),
          },
          { parent: this },
        );
      };
      for (const endpoint of email) subscribe(endpoint, 'email');
      for (const endpoint of https) subscribe(endpoint, 'https');
    }
    // CloudWatch and budgets can't publish through SNS's own key: alarms need one of the environment's.
    // https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
    const operations = `${name}-operations`;
    this.operations = make(operations, args.key ?? dataKey(operations));
    for (const [index, endpoint] of args.emails.entries()) {
      new aws.sns.TopicSubscription(
        `${operations}-${index}`,
        { topic: this.operations.arn, protocol: 'email', endpoint },
        { parent: this },
      );
    }
    this.registerOutputs({});
  }
}

/** TLS alone; CloudWatch's alarms and budgets of this account may publish. */
function topicPolicy(arn: pulumi.Output<string>): pulumi.Output<string> {
  const { accountId } = aws.getCallerIdentityOutput();
  return pulumi.jsonStringify({
    Version: '2012-10-17',
    Statement: [
      {
        Sid: 'TlsOnly',
        Effect: 'Deny',
        Principal: '*',
        Action: 'sns:Publish',
        Resource: arn,
        Condition: { Bool: { 'aws:SecureTransport': 'false' } },
      },
      {
        Sid: 'Alarms',
        Effect: 'Allow',
        Principal: { Service: ['cloudwatch.amazonaws.com', 'budgets.amazonaws.com'] },
        Action: 'sns:Publish',
        Resource: arn,
        Condition: { StringEquals: { 'aws:SourceAccount': accountId } },
      },
    ],
  });
}
