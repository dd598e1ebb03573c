import { PutObjectCommand } from '@aws-sdk/client-s3';
import type { Context } from 'aws-lambda';
import { vi } from 'vitest';
import { createMetricsClient } from '../../../adapters/aws/cloudwatch-frames';
import { ENVIRONMENT } from '../../../core/environment';
import { LANE_SWITCH_KEY, type LaneDecision, UNDECIDED } from '../../../core/lane-switch';
import { REGION } from './moto';
import type { MadeRoad } from './road';

/** lane-switch as its entry makes it, with the first decision in place as infra puts it there. */
export async function openLaneSwitch({ clients, configBucket, variables }: MadeRoad) {
  const metrics = createMetricsClient({
    region: REGION,
    endpoint: variables[ENVIRONMENT.awsEndpoint]!,
    requestTimeoutMs: 10_000,
    maxAttempts: 1,
  });
  await clients.s3.send(
    new PutObjectCommand({
      Bucket: configBucket,
      Key: LANE_SWITCH_KEY,
      Body: JSON.stringify(UNDECIDED),
    }),
  );
  Object.assign(process.env, variables, {
    [ENVIRONMENT.gpuLaneRule]: JSON.stringify({
      instanceType: 'ml.g4dn.xlarge',
      instances: 1,
      architecture: 'x86',
      dwellMinutes: 60,
      cpuMsPerFrame: 34.7,
      concurrentRequests: 16,
    }),
  });
  vi.resetModules();
  const { handler } = await import('../../../handlers/lane-switch.entry');
  const decide = (): Promise<LaneDecision> =>
    handler({} as never, { functionName: 'lane-switch' } as Context);
  return { decide, metrics };
}
