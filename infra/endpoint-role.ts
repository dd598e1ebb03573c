import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import type { InfraConfig } from '../core/infra-config';
import { ENDPOINT_PERMISSIONS, type Permission } from '../core/permissions';
import { policyOf, type ResourceArns, trustOf } from './role';

export interface EndpointRoleArgs {
  readonly config: InfraConfig;
  /** URI of the model server's image in ECR. */
  readonly image: string;
  /** Archives in S3 that the endpoint may fetch. */
  readonly bundles: readonly pulumi.Input<string>[];
  /** What it needs beside what every endpoint does, and on what. @default nothing */
  readonly more?:
    | { readonly permissions: readonly Permission[]; readonly arns: ResourceArns }
    | undefined;
}

/** The log group of an endpoint, and the role that SageMaker runs it by. Both by the endpoint's name. */
export function endpointRole(
  name: string,
  { config, image, bundles, more }: EndpointRoleArgs,
  options: pulumi.CustomResourceOptions,
) {
  const logs = new aws.cloudwatch.LogGroup(
    name,
    { name: `/aws/sagemaker/Endpoints/${name}`, retentionInDays: config.logRetentionDays },
    options,
  );
  const assumeRolePolicy = trustOf('sagemaker.amazonaws.com');
  const role = new aws.iam.Role(name, { assumeRolePolicy }, options);
  const permissions = [...ENDPOINT_PERMISSIONS, ...(more?.permissions ?? [])];
  const arns = {
    ...more?.arns,
    endpointLogs: pulumi.interpolate`${logs.arn}:*`,
    endpointImage: repositoryArn(image),
    endpointModel: modelArns(bundles),
  };
  const policy = new aws.iam.RolePolicy(
    name,
    { role: role.id, policy: policyOf(permissions, arns) },
    options,
  );
  return { logs, role, policy };
}

/** Objects that bundles lie in; null: they are in the image. */
function modelArns(
  bundles: readonly pulumi.Input<string>[],
): pulumi.Output<string | string[]> | null {
  if (bundles.length === 0) return null;
  return pulumi.all([...bundles]).apply((uris) => {
    const [first, ...rest] = uris.map((uri) => uri.replace('s3://', 'arn:aws:s3:::'));
    return rest.length === 0 ? first! : [first!, ...rest];
  });
}

/** The repository that an image of ECR lies in. */
function repositoryArn(image: string): string {
  const [, account, region, repository] =
    /^(\d{12})\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com\/([^:@]+)/.exec(image)!;
  return `arn:aws:ecr:${region}:${account}:repository/${repository}`;
}
