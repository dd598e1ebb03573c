import { DEFAULT_CLIENT_OPTIONS } from '../adapters/aws/clients';
import { createPowerClients, SageMakerPower } from '../adapters/aws/sagemaker-power';
import { awsPorts, clientsOf } from './aws-road';
import { createEndpointPower } from './endpoint-power';
import { readEnvironment } from './environment';
import { observed } from './observed';

const given = readEnvironment([
  'environment',
  'configBucket',
  'gpuEndpoint',
  'gpuEndpointConfig',
  'gpuVariant',
  'gpuScaling',
  'gpuTags',
  'awsEndpoint',
]);
const { telemetry, observe } = observed('endpoint-power', given.environment);
const clients = createPowerClients({
  region: process.env.AWS_REGION ?? 'us-east-1',
  ...(given.awsEndpoint ? { endpoint: given.awsEndpoint } : {}),
  ...DEFAULT_CLIENT_OPTIONS,
});

/** Schedules → the gpu lane's endpoint, made and deleted. */
export const handler = observe(
  createEndpointPower({
    power: new SageMakerPower(clients, {
      endpointName: given.gpuEndpoint,
      endpointConfig: given.gpuEndpointConfig,
      variant: given.gpuVariant ?? 'main',
      scaling: given.gpuScaling,
      tags: given.gpuTags,
    }),
    laneSwitch: awsPorts.laneSwitch(clientsOf(given), given),
    telemetry,
  }),
);
