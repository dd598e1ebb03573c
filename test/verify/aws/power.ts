import {
  CreateEndpointConfigCommand,
  CreateModelCommand,
  DescribeEndpointCommand,
} from '@aws-sdk/client-sagemaker';
import type { Context } from 'aws-lambda';
import { vi } from 'vitest';
import { createPowerClients } from '../../../adapters/aws/sagemaker-power';
import type { PowerAction } from '../../../core/endpoint-power';
import { ENVIRONMENT } from '../../../core/environment';
import { ACCOUNT, REGION } from './moto';
import type { MadeRoad } from './road';
import { uniqueName } from './world';

/** endpoint-power as its entry makes it, with a model and a configuration in moto. */
export async function openPower({ variables }: Pick<MadeRoad, 'variables'>, endpointName: string) {
  const clients = createPowerClients({
    region: REGION,
    endpoint: variables[ENVIRONMENT.awsEndpoint]!,
    requestTimeoutMs: 10_000,
    maxAttempts: 1,
  });
  const ModelName = uniqueName('model');
  const EndpointConfigName = uniqueName('config');
  await clients.sagemaker.send(
    new CreateModelCommand({
      ModelName,
      ExecutionRoleArn: `arn:aws:iam::${ACCOUNT}:role/endpoint`,
      PrimaryContainer: { Image: `${ACCOUNT}.dkr.ecr.${REGION}.amazonaws.com/endpoint:v1` },
    }),
  );
  const variant = {
    VariantName: 'main',
    ModelName,
    InstanceType: 'ml.g4dn.xlarge' as const,
    InitialInstanceCount: 1,
  };
  await clients.sagemaker.send(
    new CreateEndpointConfigCommand({ EndpointConfigName, ProductionVariants: [variant] }),
  );
  Object.assign(process.env, variables, {
    [ENVIRONMENT.gpuEndpoint]: endpointName,
    [ENVIRONMENT.gpuEndpointConfig]: EndpointConfigName,
    [ENVIRONMENT.gpuVariant]: 'main',
    [ENVIRONMENT.gpuScaling]: JSON.stringify({ min: 1, max: 2, target: 16 }),
  });
  vi.resetModules();
  const { handler } = await import('../../../handlers/endpoint-power.entry');
  return {
    configName: EndpointConfigName,
    clients,
    ask: (action: PowerAction) =>
      handler({ action }, { functionName: 'endpoint-power' } as Context),
    exists: () =>
      clients.sagemaker.send(new DescribeEndpointCommand({ EndpointName: endpointName })).then(
        () => true,
        () => false,
      ),
  };
}
