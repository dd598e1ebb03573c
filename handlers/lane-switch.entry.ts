import { DEFAULT_CLIENT_OPTIONS } from '../adapters/aws/clients';
import { CloudWatchFrames, createMetricsClient } from '../adapters/aws/cloudwatch-frames';
import { breakEvenOf } from '../core/gpu-break-even';
import { US_EAST_1 } from '../core/prices/us-east-1';
import { awsPorts, clientsOf, systemClock } from './aws-road';
import { readEnvironment } from './environment';
import { createLaneSwitch } from './lane-switch';
import { METRICS_NAMESPACE, observed } from './observed';

const given = readEnvironment(['environment', 'configBucket', 'gpuLaneRule', 'awsEndpoint']);
const { telemetry, observe } = observed('lane-switch', given.environment);
const clients = clientsOf(given);
const { dwellMinutes, ...priced } = given.gpuLaneRule;
const metrics = createMetricsClient({
  region: process.env.AWS_REGION ?? 'us-east-1',
  ...(given.awsEndpoint ? { endpoint: given.awsEndpoint } : {}),
  ...DEFAULT_CLIENT_OPTIONS,
});

/** A schedule → where cameras of lane gpu run. */
export const handler = observe(
  createLaneSwitch({
    frames: new CloudWatchFrames(metrics, {
      namespace: METRICS_NAMESPACE,
      environment: given.environment,
    }),
    store: awsPorts.laneSwitch(clients, given),
    rule: { dwellMinutes, breakEven: breakEvenOf(priced, US_EAST_1) },
    clock: systemClock,
    telemetry,
  }),
);
