import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import { ENVIRONMENT, type EnvironmentName, TRACE_VARIABLE } from '../core/environment';
import type { InfraConfig } from '../core/infra-config';
import { FUNCTION_TIMEOUT_SECONDS } from '../core/limits';
import { platformPermissions } from '../core/permissions';
import { FUNCTION_ACCESS, type FunctionName } from '../handlers/all.permissions';
import type { PrivateNetwork } from './private-network';
import { FunctionRole, type ResourceArns } from './role';

export interface ImageFunctionArgs {
  readonly name: FunctionName;
  readonly image: pulumi.Input<string>;
  readonly memoryMb: number;
  readonly variables: Readonly<Partial<Record<EnvironmentName, pulumi.Input<string>>>>;
  readonly arns: ResourceArns;
  readonly config: InfraConfig;
  readonly hasDataKey: boolean;
  /** Network that it runs in. @default Lambda's own */
  readonly network?: PrivateNetwork | null;
}

const TEMPORARY_STORAGE_MB = 2048;

/** One function of the image: its role, log group, version and alias. The name is the handler's, end to end. */
export class ImageFunction extends pulumi.ComponentResource {
  readonly lambda: aws.lambda.Function;
  readonly alias: aws.lambda.Alias;

  constructor(prefix: string, args: ImageFunctionArgs, options?: pulumi.ComponentResourceOptions) {
    const name = `${prefix}-${args.name}`;
    super('tierwatch:index:ImageFunction', name, {}, options);
    const parent = { parent: this };
    const { permissions, eventSource, readsFootage, discoversEndpoints } =
      FUNCTION_ACCESS[args.name];
    const logs = new aws.cloudwatch.LogGroup(
      name,
      { name: `/aws/lambda/${name}`, retentionInDays: args.config.logRetentionDays },
      parent,
    );
    const platform = platformPermissions({
      eventSource,
      readsFootage,
      discoversEndpoints,
      isInVpc: Boolean(args.network),
      hasDataKey: args.hasDataKey,
      isTraced: args.config.isTraced,
    });
    const { role } = new FunctionRole(
      name,
      {
        permissions: [...permissions, ...platform],
        arns: { ...args.arns, logStreams: pulumi.interpolate`${logs.arn}:*` },
      },
      parent,
    );
    this.lambda = new aws.lambda.Function(
      name,
      {
        name,
        packageType: 'Image',
        imageUri: args.image,
        imageConfig: { commands: [`handlers/${args.name}.handler`] },
        architectures: [args.config.architecture],
        role: role.arn,
        memorySize: args.memoryMb,
        timeout: FUNCTION_TIMEOUT_SECONDS[args.name],
        ...(args.name === 'detect-cpu' && args.config.isConcurrencyReserved
          ? { reservedConcurrentExecutions: args.config.detectMaxConcurrency }
          : {}),
        ephemeralStorage: { size: TEMPORARY_STORAGE_MB },
        environment: {
          variables: {
            ...variablesOf(args),
            [TRACE_VARIABLE]: String(args.config.isTraced),
          },
        },
        tracingConfig: { mode: args.config.isTraced ? 'Active' : 'PassThrough' },
        ...(args.network ? { vpcConfig: placeIn(args.network) } : {}),
        publish: true,
      },
      { ...parent, dependsOn: [logs] },
    );
    this.alias = new aws.lambda.Alias(
      name,
      { name: 'live', functionName: this.lambda.name, functionVersion: this.lambda.version },
      parent,
    );
    this.registerOutputs({ alias: this.alias.arn });
  }
}

function placeIn({ subnetIds, functionsGroupId }: PrivateNetwork) {
  return { subnetIds, securityGroupIds: [functionsGroupId] };
}

function variablesOf({ variables }: ImageFunctionArgs): Record<string, pulumi.Input<string>> {
  const entries = Object.entries(variables).filter(([, value]) => value !== undefined);
  return Object.fromEntries(
    entries.map(([key, value]) => [ENVIRONMENT[key as EnvironmentName], value]),
  );
}
