import * as pulumi from '@pulumi/pulumi';

/**
 * Puts cost allocation tags on every resource that takes tags: environment, owner, and the component that
 * it belongs to.
 */
export function tagEverything({
  environment,
  owner,
}: {
  readonly environment: string;
  readonly owner: string;
}): void {
  pulumi.runtime.registerStackTransformation(({ type, name, props, opts }) => {
    if (!TAGGABLE.has(type)) return undefined;
    const component = name.replace(`tierwatch-${environment}`, '').replace(/^-/, '') || 'platform';
    const tags = {
      ...tagsOf({ environment, owner, component }),
      ...(props.tags as Record<string, string> | undefined),
    };
    return { props: { ...props, tags }, opts };
  });
}

/** By which costs are allocated. */
export function tagsOf(named: {
  readonly environment: string;
  readonly owner: string;
  readonly component: string;
}): Readonly<Record<string, string>> {
  return {
    'tierwatch:environment': named.environment,
    'tierwatch:owner': named.owner,
    'tierwatch:component': named.component,
  };
}

/** https://www.pulumi.com/registry/packages/aws/ : types of this program whose inputs have `tags`. */
const TAGGABLE: ReadonlySet<string> = new Set([
  'aws:apigatewayv2/api:Api',
  'aws:apigatewayv2/stage:Stage',
  'aws:appautoscaling/target:Target',
  'aws:budgets/budget:Budget',
  'aws:cloudfront/distribution:Distribution',
  'aws:cloudfront/function:Function',
  'aws:cloudwatch/eventRule:EventRule',
  'aws:cloudwatch/logGroup:LogGroup',
  'aws:cloudwatch/metricAlarm:MetricAlarm',
  'aws:cognito/userPool:UserPool',
  'aws:dynamodb/table:Table',
  'aws:ec2/defaultSecurityGroup:DefaultSecurityGroup',
  'aws:ec2/securityGroup:SecurityGroup',
  'aws:ec2/subnet:Subnet',
  'aws:ec2/vpc:Vpc',
  'aws:ec2/vpcEndpoint:VpcEndpoint',
  'aws:ecr/repository:Repository',
  'aws:iam/role:Role',
  'aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream',
  'aws:kms/key:Key',
  'aws:lambda/eventSourceMapping:EventSourceMapping',
  'aws:lambda/function:Function',
  'aws:s3/bucket:Bucket',
  'aws:sagemaker/endpoint:Endpoint',
  'aws:sagemaker/endpointConfiguration:EndpointConfiguration',
  'aws:sagemaker/model:Model',
  'aws:secretsmanager/secret:Secret',
  'aws:sns/topic:Topic',
  'aws:sqs/queue:Queue',
  'aws:timestreaminfluxdb/dbInstance:DbInstance',
  'aws:timestreamwrite/database:Database',
  'aws:timestreamwrite/table:Table',
  'aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule',
  'aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule',
]);
