import type { Asked } from './evaluate';

/** One call that an SDK client made. */
export interface SdkCall {
  /** Name of the client without "Client": `S3`, `SQS`, `DynamoDB` … */
  readonly service: string;
  /** Name of the operation: `GetObject` … */
  readonly operation: string;
  readonly input: Readonly<Record<string, unknown>>;
}

/** Where the calls went: what ARNs need beside the input. */
export interface CallScope {
  readonly region: string;
  readonly account: string;
}

type Input = SdkCall['input'];
type Ask = (input: Input, scope: CallScope) => readonly Asked[];

/** An operation that the table does not know: it is added with its IAM actions, never guessed. */
export class UnknownOperationError extends RangeError {
  override readonly name = 'UnknownOperationError';
  constructor({ service, operation }: SdkCall) {
    super(
      `"${service}.${operation}": expected an operation of the table, found none; add its IAM actions and resource to core/iam/operations.ts`,
    );
  }
}

/**
 * What IAM is asked for a call. Sources: the Service Authorization Reference,
 * https://docs.aws.amazon.com/service-authorization/latest/reference/
 * @throws {UnknownOperationError}
 */
export function askedBy(call: SdkCall, scope: CallScope): readonly Asked[] {
  const ask = OPERATIONS[`${call.service}.${call.operation}`];
  if (!ask) throw new UnknownOperationError(call);
  return ask(call.input, scope);
}

const text = (input: Input, name: string): string => String(input[name]);
const bucketArn = (bucket: string): string => `arn:aws:s3:::${bucket}`;
const objectArn = (bucket: string, key: string): string => `arn:aws:s3:::${bucket}/${key}`;

const object =
  (action: string, versioned = action): Ask =>
  (input) => [
    {
      action: input.VersionId === undefined ? action : versioned,
      resource: objectArn(text(input, 'Bucket'), text(input, 'Key')),
    },
  ];

/** CopyObject reads its source, or one version of it, and writes its target. */
const copy: Ask = (input) => {
  const [path = '', versionId] = text(input, 'CopySource').replace(/^\//, '').split('?versionId=');
  const [bucket = '', ...key] = path.split('/');
  return [
    {
      action: versionId === undefined ? 's3:GetObject' : 's3:GetObjectVersion',
      resource: objectArn(bucket, decodeURIComponent(key.join('/'))),
    },
    { action: 's3:PutObject', resource: objectArn(text(input, 'Bucket'), text(input, 'Key')) },
  ];
};

const queue =
  (action: string): Ask =>
  (input, { region, account }) => {
    const name = text(input, 'QueueUrl').split('/').at(-1);
    return [{ action, resource: `arn:aws:sqs:${region}:${account}:${name}` }];
  };

const table =
  (action: string): Ask =>
  (input, { region, account }) => {
    const arn = `arn:aws:dynamodb:${region}:${account}:table/${text(input, 'TableName')}`;
    const index = input.IndexName;
    return [{ action, resource: index === undefined ? arn : `${arn}/index/${String(index)}` }];
  };

const TRANSACTED = {
  Put: 'PutItem',
  Update: 'UpdateItem',
  Delete: 'DeleteItem',
  ConditionCheck: 'ConditionCheckItem',
} as const;

/** A transaction is checked as the writes that it holds. */
const transaction: Ask = ({ TransactItems }, scope) =>
  (TransactItems as readonly Readonly<Record<string, Input>>[]).flatMap((item) =>
    Object.entries(TRANSACTED).flatMap(([kind, action]) =>
      item[kind] ? table(`dynamodb:${action}`)(item[kind], scope) : [],
    ),
  );

const named =
  (action: string, input: string): Ask =>
  (given) => [{ action, resource: text(given, input) }];

/**
 * A move takes from the dead letters and sends where they came from.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-configure-dead-letter-queue-redrive.html
 */
const move: Ask = (input) => [
  ...['StartMessageMoveTask', 'ReceiveMessage', 'DeleteMessage', 'GetQueueAttributes'].map(
    (name) => ({ action: `sqs:${name}`, resource: text(input, 'SourceArn') }),
  ),
  ...(input.DestinationArn === undefined
    ? []
    : [{ action: 'sqs:SendMessage', resource: text(input, 'DestinationArn') }]),
];

/** A query reads the tables that its text names as "database"."table". */
const select: Ask = (input, { region, account }) =>
  [...text(input, 'QueryString').matchAll(/"([^"]+)"\."([^"]+)"/g)].map(([, database, name]) => ({
    action: 'timestream:Select',
    resource: `arn:aws:timestream:${region}:${account}:database/${database}/table/${name}`,
  }));

const endpoint =
  (action: string): Ask =>
  (input, { region, account }) => {
    const name = text(input, 'EndpointName').toLowerCase();
    return [{ action, resource: `arn:aws:sagemaker:${region}:${account}:endpoint/${name}` }];
  };

/** Both are checked: the endpoint that is made or changed, and the configuration that it is made of; and its tags. */
const configuredEndpoint =
  (action: string): Ask =>
  (input, { region, account }) => {
    const arn = (kind: string, name: string): string =>
      `arn:aws:sagemaker:${region}:${account}:${kind}/${text(input, name).toLowerCase()}`;
    const endpointArn = arn('endpoint', 'EndpointName');
    const tagged = (input.Tags as readonly unknown[] | undefined)?.length
      ? [{ action: 'sagemaker:AddTags', resource: endpointArn }]
      : [];
    return [
      { action, resource: endpointArn },
      { action, resource: arn('endpoint-config', 'EndpointConfigName') },
      ...tagged,
    ];
  };

/** The first target of an account has AWS make the role that scales it. */
const registerTarget: Ask = (input, scope) => [
  ...scaling('RegisterScalableTarget')(input, scope),
  {
    action: 'iam:CreateServiceLinkedRole',
    resource: `arn:aws:iam::${scope.account}:role/${SCALING_ROLE}`,
  },
];
const SCALING_ROLE =
  'aws-service-role/sagemaker.application-autoscaling.amazonaws.com/AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint';

/** A target's id is made by AWS: any of this account and region. */
const scaling =
  (action: string): Ask =>
  (_, { region, account }) => {
    const resource = `arn:aws:application-autoscaling:${region}:${account}:scalable-target/any`;
    return [{ action: `application-autoscaling:${action}`, resource }];
  };

const stream =
  (action: string): Ask =>
  (input, { region, account }) => {
    const name = text(input, 'DeliveryStreamName');
    return [{ action, resource: `arn:aws:firehose:${region}:${account}:deliverystream/${name}` }];
  };

const timeSeries =
  (action: string): Ask =>
  (input, { region, account }) => {
    const database = `arn:aws:timestream:${region}:${account}:database/${text(input, 'DatabaseName')}`;
    return [{ action, resource: `${database}/table/${text(input, 'TableName')}` }];
  };

const anywhere =
  (action: string): Ask =>
  () => [{ action, resource: '*' }];

const OPERATIONS: Readonly<Record<string, Ask>> = {
  'S3.GetObject': object('s3:GetObject', 's3:GetObjectVersion'),
  'S3.HeadObject': object('s3:GetObject', 's3:GetObjectVersion'),
  'S3.PutObject': object('s3:PutObject'),
  'S3.DeleteObject': object('s3:DeleteObject', 's3:DeleteObjectVersion'),
  'S3.CopyObject': copy,
  'S3.ListObjectsV2': (input) => [
    { action: 's3:ListBucket', resource: bucketArn(text(input, 'Bucket')) },
  ],
  'S3.ListObjectVersions': (input) => [
    { action: 's3:ListBucketVersions', resource: bucketArn(text(input, 'Bucket')) },
  ],
  'S3.DeleteObjects': (input) =>
    (input.Delete as { Objects: readonly { Key: string; VersionId?: string }[] }).Objects.map(
      ({ Key, VersionId }) => ({
        action: VersionId === undefined ? 's3:DeleteObject' : 's3:DeleteObjectVersion',
        resource: objectArn(text(input, 'Bucket'), Key),
      }),
    ),
  'SQS.SendMessage': queue('sqs:SendMessage'),
  'SQS.SendMessageBatch': queue('sqs:SendMessage'),
  'SQS.ReceiveMessage': queue('sqs:ReceiveMessage'),
  'SQS.DeleteMessage': queue('sqs:DeleteMessage'),
  'SQS.DeleteMessageBatch': queue('sqs:DeleteMessage'),
  'SQS.ChangeMessageVisibility': queue('sqs:ChangeMessageVisibility'),
  'SQS.GetQueueAttributes': queue('sqs:GetQueueAttributes'),
  'SQS.StartMessageMoveTask': move,
  'DynamoDB.GetItem': table('dynamodb:GetItem'),
  'DynamoDB.PutItem': table('dynamodb:PutItem'),
  'DynamoDB.UpdateItem': table('dynamodb:UpdateItem'),
  'DynamoDB.DeleteItem': table('dynamodb:DeleteItem'),
  'DynamoDB.Query': table('dynamodb:Query'),
  'DynamoDB.TransactWriteItems': transaction,
  'SNS.Publish': named('sns:Publish', 'TopicArn'),
  'Firehose.PutRecord': stream('firehose:PutRecord'),
  'Firehose.PutRecordBatch': stream('firehose:PutRecordBatch'),
  'Lambda.Invoke': named('lambda:InvokeFunction', 'FunctionName'),
  'SecretsManager.GetSecretValue': named('secretsmanager:GetSecretValue', 'SecretId'),
  'SecretsManager.PutSecretValue': named('secretsmanager:PutSecretValue', 'SecretId'),
  'TimestreamWrite.WriteRecords': timeSeries('timestream:WriteRecords'),
  'TimestreamWrite.DescribeEndpoints': anywhere('timestream:DescribeEndpoints'),
  'TimestreamQuery.DescribeEndpoints': anywhere('timestream:DescribeEndpoints'),
  'TimestreamQuery.Query': select,
  'SageMaker.DescribeEndpoint': endpoint('sagemaker:DescribeEndpoint'),
  'SageMaker.CreateEndpoint': configuredEndpoint('sagemaker:CreateEndpoint'),
  'SageMaker.UpdateEndpoint': configuredEndpoint('sagemaker:UpdateEndpoint'),
  'SageMaker.DeleteEndpoint': endpoint('sagemaker:DeleteEndpoint'),
  'ApplicationAutoScaling.RegisterScalableTarget': registerTarget,
  'ApplicationAutoScaling.PutScheduledAction': scaling('PutScheduledAction'),
  'ApplicationAutoScaling.PutScalingPolicy': scaling('PutScalingPolicy'),
  'CloudWatch.GetMetricData': anywhere('cloudwatch:GetMetricData'),
  'SageMakerRuntime.InvokeEndpoint': endpoint('sagemaker:InvokeEndpoint'),
  'SageMakerRuntime.InvokeEndpointAsync': endpoint('sagemaker:InvokeEndpointAsync'),
};

/** Every operation that the table knows, as `Service.Operation`. */
export const KNOWN_OPERATIONS: readonly string[] = Object.keys(OPERATIONS);

/** Every IAM action that the table can ask for, for checks against AWS's own list. */
export const KNOWN_ACTIONS: readonly string[] = [
  's3:GetObject',
  's3:GetObjectVersion',
  's3:PutObject',
  's3:DeleteObject',
  's3:DeleteObjectVersion',
  's3:ListBucket',
  's3:ListBucketVersions',
  'sqs:SendMessage',
  'sqs:ReceiveMessage',
  'sqs:DeleteMessage',
  'sqs:ChangeMessageVisibility',
  'sqs:GetQueueAttributes',
  'sqs:StartMessageMoveTask',
  'dynamodb:GetItem',
  'dynamodb:PutItem',
  'dynamodb:UpdateItem',
  'dynamodb:DeleteItem',
  'dynamodb:Query',
  'dynamodb:ConditionCheckItem',
  'sns:Publish',
  'firehose:PutRecord',
  'firehose:PutRecordBatch',
  'lambda:InvokeFunction',
  'secretsmanager:GetSecretValue',
  'secretsmanager:PutSecretValue',
  'timestream:WriteRecords',
  'timestream:DescribeEndpoints',
  'timestream:Select',
  'sagemaker:DescribeEndpoint',
  'sagemaker:CreateEndpoint',
  'sagemaker:UpdateEndpoint',
  'sagemaker:AddTags',
  'sagemaker:DeleteEndpoint',
  'application-autoscaling:RegisterScalableTarget',
  'application-autoscaling:PutScalingPolicy',
  'application-autoscaling:PutScheduledAction',
  'iam:CreateServiceLinkedRole',
  'cloudwatch:GetMetricData',
  'sagemaker:InvokeEndpoint',
  'sagemaker:InvokeEndpointAsync',
];
