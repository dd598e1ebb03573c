/** Parts of the platform that a function may be given access to; infra knows their ARNs. */
export const RESOURCE_NAMES = [
  'footageBucket',
  'footageObjects',
  'footageVersions',
  'uploadObjects',
  'footageKeySecret',
  'quarantineObjects',
  'snapshotObjects',
  'configBucket',
  'configObjects',
  'table',
  'tableByTime',
  'tableByStatus',
  'rollUpTable',
  'rollUpIndex',
  'landedQueue',
  'cpuQueue',
  'gpuQueue',
  'gpuEndpoint',
  'gpuEndpointConfig',
  'scalableTargets',
  'laneSwitchObject',
  'scalingRole',
  'answerObjects',
  'captureObjects',
  'analyticsQueue',
  'fedQueues',
  'deadLetterQueues',
  'retentionQueue',
  'alertTopics',
  'modelArchive',
  'detectionsStream',
  'influxAdminSecret',
  'influxWriteSecret',
  'influxReadSecret',
  'analyticsReader',
  'liveTable',
  'liveEndpoints',
  'liveRollUps',
  'liveErrorBucket',
  'liveErrorObjects',
  'liveTopic',
  'detectionsBucket',
  'detectionsObjects',
  'detectionsLogs',
  'logStreams',
  'dataKey',
  'endpointLogs',
  'endpointImage',
  'endpointModel',
  'everything',
] as const;
export type ResourceName = (typeof RESOURCE_NAMES)[number];

/** What a function may do to one part, and why. */
export interface Permission {
  /** IAM actions, such as `s3:GetObject`. */
  readonly actions: readonly string[];
  readonly resource: ResourceName;
  readonly reason: string;
  /** Where a reader can check it. */
  readonly source?: string;
}

export interface PlatformOptions {
  /** The queue that feeds the function; null: a schedule or an API does. */
  readonly eventSource: ResourceName | null;
  readonly isInVpc: boolean;
  /** A customer's KMS key encrypts buckets, queues, table and topics. */
  readonly hasDataKey: boolean;
  readonly isTraced: boolean;
  /** Reads footage: without ListBucket a missing object answers 403, as if it were forbidden. */
  readonly readsFootage: boolean;
  /** Talks to Timestream for LiveAnalytics, whose SDK asks for its endpoint first. */
  readonly discoversEndpoints: boolean;
}

const LAMBDA_DOCS = 'https://docs.aws.amazon.com/lambda/latest/dg';

/** What the platform itself needs of a function's role, beside the handler's own calls (contracts 17). */
export function platformPermissions(options: PlatformOptions): Permission[] {
  const { eventSource, isInVpc, hasDataKey, isTraced } = options;
  return [
    {
      actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
      resource: 'logStreams',
      reason: 'its log lines; the group is made by infra, with its retention',
      source: `${LAMBDA_DOCS}/monitoring-cloudwatchlogs.html`,
    },
    ...(eventSource === null ? [] : [eventSourcePermission(eventSource)]),
    ...(options.readsFootage ? [LIST_PERMISSION] : []),
    ...(isInVpc ? [VPC_PERMISSION] : []),
    ...(options.discoversEndpoints ? [ENDPOINTS_PERMISSION] : []),
    ...(hasDataKey ? [KEY_PERMISSION] : []),
    ...(isTraced ? [TRACE_PERMISSION] : []),
  ];
}

function eventSourcePermission(resource: ResourceName): Permission {
  return {
    actions: ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'],
    resource,
    reason: 'Lambda takes and acknowledges its messages by the function’s role',
    source: `${LAMBDA_DOCS}/services-sqs-configure.html`,
  };
}

const LIST_PERMISSION: Permission = {
  actions: ['s3:ListBucket'],
  resource: 'footageBucket',
  reason: 'S3 answers 403 for a missing object to who may not list, and 404 to who may',
  source: 'https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html',
};

const VPC_PERMISSION: Permission = {
  actions: [
    'ec2:CreateNetworkInterface',
    'ec2:DescribeNetworkInterfaces',
    'ec2:DescribeSubnets',
    'ec2:DeleteNetworkInterface',
    'ec2:AssignPrivateIpAddresses',
    'ec2:UnassignPrivateIpAddresses',
  ],
  resource: 'everything',
  reason:
    'Lambda makes its interfaces in the VPC; these actions are checked before any resource exists',
  source: `${LAMBDA_DOCS}/configuration-vpc.html`,
};

const ENDPOINTS_PERMISSION: Permission = {
  actions: ['timestream:DescribeEndpoints'],
  resource: 'liveEndpoints',
  reason: 'the SDK asks where to read and write; the action has no resources',
  source:
    'https://docs.aws.amazon.com/timestream/latest/developerguide/Using.endpoint-discovery.how-it-works.html',
};

const KEY_PERMISSION: Permission = {
  actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
  resource: 'dataKey',
  reason: 'objects, messages and rows are encrypted with the customer’s key',
  source: 'https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html',
};

const TRACE_PERMISSION: Permission = {
  actions: ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'],
  resource: 'everything',
  reason: 'X-Ray has no resources for its writes',
  source: 'https://docs.aws.amazon.com/xray/latest/devguide/security_iam_service-with-iam.html',
};

/** Sums of the functions' own metrics. */
export const METRICS_PERMISSION: Permission = {
  actions: ['cloudwatch:GetMetricData'],
  resource: 'everything',
  reason:
    'frames that were inferred for cameras of lane gpu; CloudWatch has no resources for its reads',
  source:
    'https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/permissions-reference-cw.html',
};

/** How long messages wait. */
export const QUEUE_AGES_PERMISSION: Permission = {
  ...METRICS_PERMISSION,
  reason: 'how long the oldest message of each queue waits: SQS tells it to CloudWatch alone',
};

/**
 * What SageMaker needs to run the model server, beside what the server itself calls: nothing.
 * https://docs.aws.amazon.com/sagemaker/latest/dg/sagemaker-roles.html#sagemaker-roles-createmodel-perms
 */
export const ENDPOINT_PERMISSIONS: readonly Permission[] = [
  {
    actions: ['logs:CreateLogStream', 'logs:PutLogEvents', 'logs:DescribeLogStreams'],
    resource: 'endpointLogs',
    reason: 'its log lines; the group is made by infra, with its retention',
  },
  {
    actions: ['ecr:BatchCheckLayerAvailability', 'ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'],
    resource: 'endpointImage',
    reason: 'the image of the model server',
  },
  {
    actions: ['ecr:GetAuthorizationToken'],
    resource: 'everything',
    reason: 'ECR’s sign-in has no resources',
    source:
      'https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerregistry.html',
  },
  {
    actions: ['cloudwatch:PutMetricData'],
    resource: 'everything',
    reason: 'the endpoint’s own metrics; CloudWatch has no resources for its writes',
    source:
      'https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/permissions-reference-cw.html',
  },
  { actions: ['s3:GetObject'], resource: 'endpointModel', reason: 'the model bundle' },
];

/** What an endpoint needs beside whose requests and answers are captured. */
export const CAPTURE_PERMISSIONS: readonly Permission[] = [
  {
    actions: ['s3:PutObject'],
    resource: 'captureObjects',
    reason: 'the requests and answers that are captured',
    source: 'https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-data-capture.html',
  },
  KEY_PERMISSION,
];

/** What an asynchronous endpoint needs beside: its requests and answers lie in S3. */
export const ASYNC_PERMISSIONS: readonly Permission[] = [
  {
    actions: ['s3:GetObject'],
    resource: 'footageObjects',
    reason: 'the recordings that it is asked about',
    source:
      'https://docs.aws.amazon.com/sagemaker/latest/dg/async-inference-create-endpoint-prerequisites.html',
  },
  {
    actions: ['s3:PutObject'],
    resource: 'answerObjects',
    reason: 'its answers and failures',
    source:
      'https://docs.aws.amazon.com/sagemaker/latest/dg/async-inference-create-endpoint-prerequisites.html',
  },
  KEY_PERMISSION,
];

const SCHEDULED_QUERY_DOCS =
  'https://docs.aws.amazon.com/timestream/latest/developerguide/scheduledqueries-permissions.html';

/** What LiveAnalytics needs to run the scheduled query that sums rows by hour. */
export const LIVE_ROLL_UP_PERMISSIONS: readonly Permission[] = [
  { actions: ['timestream:Select'], resource: 'liveTable', reason: 'the rows that it sums' },
  { actions: ['timestream:WriteRecords'], resource: 'liveRollUps', reason: 'the sums by hour' },
  ENDPOINTS_PERMISSION,
  {
    actions: ['sns:Publish'],
    resource: 'liveTopic',
    reason: 'how each run ended: AWS makes no scheduled query without a topic',
    source: SCHEDULED_QUERY_DOCS,
  },
  {
    actions: ['s3:PutObject'],
    resource: 'liveErrorObjects',
    reason: 'rows that a run could not write',
    source: SCHEDULED_QUERY_DOCS,
  },
  {
    actions: ['s3:GetBucketAcl'],
    resource: 'liveErrorBucket',
    reason: 'it looks whose bucket that is first',
    source: SCHEDULED_QUERY_DOCS,
  },
  KEY_PERMISSION,
];

const DELIVERY_DOCS =
  'https://docs.aws.amazon.com/firehose/latest/dev/controlling-access.html#using-iam-s3';

/** What Firehose needs to put every detection into its bucket. */
export const DELIVERY_PERMISSIONS: readonly Permission[] = [
  {
    actions: ['s3:AbortMultipartUpload', 's3:PutObject'],
    resource: 'detectionsObjects',
    reason: 'the detections, in parts',
    source: DELIVERY_DOCS,
  },
  {
    actions: ['s3:GetBucketLocation', 's3:ListBucket', 's3:ListBucketMultipartUploads'],
    resource: 'detectionsBucket',
    reason: 'uploads that it goes on with',
    source: DELIVERY_DOCS,
  },
  {
    actions: ['logs:PutLogEvents'],
    resource: 'detectionsLogs',
    reason: 'deliveries that failed',
    source: DELIVERY_DOCS,
  },
  KEY_PERMISSION,
];
