import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';

/** Services that hand over what the key encrypts: notifications into queues, alarms and budgets into topics. */
const SENDERS = [
  's3.amazonaws.com',
  'events.amazonaws.com',
  'cloudwatch.amazonaws.com',
  'budgets.amazonaws.com',
];
const DELETION_WINDOW_DAYS = 30;

/** A key of the environment's own, rotated yearly; the account's administrators manage it by IAM. */
export function dataKey(
  name: string,
  /** CloudFront reads what it encrypts. @default false */
  { isDelivered = false }: { readonly isDelivered?: boolean } = {},
): aws.kms.Key {
  const { accountId } = aws.getCallerIdentityOutput();
  const key = new aws.kms.Key(name, {
    enableKeyRotation: true,
    deletionWindowInDays: DELETION_WINDOW_DAYS,
    policy: pulumi.jsonStringify({
      Version: '2012-10-17',
      Statement: [
        {
          Sid: 'AccountByIam',
          Effect: 'Allow',
          Principal: { AWS: pulumi.interpolate`arn:aws:iam::${accountId}:root` },
          Action: 'kms:*',
          Resource: '*',
        },
        {
          // https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html
          Sid: 'Senders',
          Effect: 'Allow',
          Principal: { Service: SENDERS },
          Action: ['kms:Decrypt', 'kms:GenerateDataKey'],
          Resource: '*',
          Condition: { StringEquals: { 'aws:SourceAccount': accountId } },
        },
        ...(isDelivered ? [deliveryStatement(accountId)] : []),
      ],
    }),
  });
  new aws.kms.Alias(name, { name: `alias/${name}`, targetKeyId: key.keyId });
  return key;
}

/**
 * CloudFront reads encrypted footage. Its distribution comes after the key, so any of this account's is meant.
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-s3.html
 */
function deliveryStatement(accountId: pulumi.Output<string>) {
  return {
    Sid: 'Delivery',
    Effect: 'Allow',
    Principal: { Service: 'cloudfront.amazonaws.com' },
    Action: 'kms:Decrypt',
    Resource: '*',
    Condition: {
      StringLike: {
        'aws:SourceArn': pulumi.interpolate`arn:aws:cloudfront::${accountId}:distribution/*`,
      },
    },
  };
}
