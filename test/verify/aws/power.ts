import {
  CreateEndpointConfigCommand,
  CreateModelCommand,
  DescribeEndpointCommand,
  type DescribeEndpointCommandOutput,
} from '@aws-sdk/client-sagemaker';
import type { Context } from 'aws-lambda';
import { vi } from 'vitest';
import { createPowerClients } from '../../../adapters/aws/sagemaker-power';
import type { PowerEvent } from '../../../core/endpoint-power';
import { ENVIRONMENT } from '../../../core/environment';
import { ACCOUNT, REGION } from './moto';
import type { MadeRoad } from './road';
import { startUpdates } from './update-endpoint';
import { uniqueName } from './world';

/** endpoint-power as its entry makes it, with a model and a configuration in moto. */
export async function openPower({ variables }: Pick<MadeRoad, 'variables'>, endpointName: string) {
  const moto = variables[ENVIRONMENT.awsEndpoint]!;
  const updates = await startUpdates(moto);
  const clients = createPowerClients({
    region: REGION,
    endpoint: updates.url,
    requestTimeoutMs: 10_000,
    maxAttempts: 1,
  });
  const ModelName = uniqueName('model');
  await clients.sagemaker.send(
    new CreateModelCommand({
      ModelName,
      ExecutionRoleArn: `arn:aws:iam::${ACCOUNT}:role/endpoint`,
      PrimaryContainer: { Image: `${ACCOUNT}.dkr.ecr.${REGION}.amazonaws.com/endpoint:v1` },
    }),
  );
  const EndpointConfigName = await createConfiguration(clients, ModelName);
  Object.assign(process.env, variables, {
    [ENVIRONMENT.awsEndpoint]: updates.url,
    [ENVIRONMENT.gpuEndpoint]: endpointName,
    [ENVIRONMENT.gpuEndpointConfig]: EndpointConfigName,
    [ENVIRONMENT.gpuVariant]: 'main',
    [ENVIRONMENT.gpuScaling]: JSON.stringify({
      min: 1,
      max: 2,
      target: 16,
      schedules: [{ cron: 'cron(0 19 ? * * *)', timezone: 'Europe/Berlin', min: 1, max: 1 }],
    }),
    [ENVIRONMENT.gpuTags]: JSON.stringify({ 'tierwatch:component': 'gpu' }),
  });
  const open = async () => {
    vi.resetModules();
    const { handler } = await import('../../../handlers/endpoint-power.entry');
    return (event: PowerEvent) => handler(event, { functionName: 'endpoint-power' } as Context);
  };
  const handle = await open();
  const describe = (): Promise<DescribeEndpointCommandOutput | null> =>
    clients.sagemaker
      .send(new DescribeEndpointCommand({ EndpointName: endpointName }))
      .catch(() => null);
  return {
    configName: EndpointConfigName,
    clients,
    handle,
    ask: (action: PowerEvent['action']) => handle({ action }),
    exists: async () => (await describe()) !== null,
    servedConfiguration: async () => (await describe())?.EndpointConfigName,
    /** The function as it is after a deployment of another configuration. */
    deployed: async () => {
      const name = await createConfiguration(clients, ModelName);
      process.env[ENVIRONMENT.gpuEndpointConfig] = name;
      return { name, handle: await open() };
    },
  };
}

async function createConfiguration(
  { sagemaker }: ReturnType<typeof createPowerClients>,
  ModelName: string,
): Promise<string> {
  const EndpointConfigName = uniqueName('config');
  const variant = {
    VariantName: 'main',
    ModelName,
    InstanceType: 'ml.g4dn.xlarge' as const,
    InitialInstanceCount: 1,
  };
  await sagemaker.send(
    new CreateEndpointConfigCommand({ EndpointConfigName, ProductionVariants: [variant] }),
  );
  return EndpointConfigName;
}
