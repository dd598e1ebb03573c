import { DescribeScalingPoliciesCommand } from '@aws-sdk/client-application-auto-scaling';
import { expect, inject, it } from 'vitest';
import { openPower } from './power';
import { makeRoad } from './road';

const ENDPOINT = 'verify-power';

it('makes the endpoint, puts its scaling back, deletes it, each as often as it is asked', async () => {
  const power = await openPower(await makeRoad(inject('motoEndpoint')), ENDPOINT);
  const asked = async (...actions: Parameters<typeof power.ask>) =>
    ((await power.ask(...actions)) as { step: string }).step;
  expect([await asked('tend'), await asked('stop'), await power.exists()]).toEqual([
    'nothing',
    'nothing',
    false,
  ]);
  expect([await asked('start'), await asked('start'), await power.exists()]).toEqual([
    'create',
    'nothing',
    true,
  ]);
  expect([await asked('tend'), await asked('tend')]).toEqual([
    'register scaling',
    'register scaling',
  ]);
  const { ScalingPolicies } = await power.clients.scaling.send(
    new DescribeScalingPoliciesCommand({
      ServiceNamespace: 'sagemaker',
      ResourceId: `endpoint/${ENDPOINT}/variant/main`,
    }),
  );
  expect(ScalingPolicies).toMatchObject([
    {
      ResourceId: `endpoint/${ENDPOINT}/variant/main`,
      TargetTrackingScalingPolicyConfiguration: { TargetValue: 16 },
    },
  ]);
  expect([await asked('stop'), await asked('stop'), await power.exists()]).toEqual([
    'delete',
    'nothing',
    false,
  ]);
});
