import {
  DescribeScalableTargetsCommand,
  DescribeScalingPoliciesCommand,
  DescribeScheduledActionsCommand,
} from '@aws-sdk/client-application-auto-scaling';
import { ListTagsCommand } from '@aws-sdk/client-sagemaker';
import { expect, inject, it } from 'vitest';
import { ACCOUNT, REGION } from './moto';
import { openPower } from './power';
import { makeRoad } from './road';

const ENDPOINT = 'verify-power';
const OF = {
  ServiceNamespace: 'sagemaker',
  ResourceId: `endpoint/${ENDPOINT}/variant/main`,
} as const;

it('makes the endpoint, puts its scaling and hours back, deletes it, each as often as it is asked', async () => {
  const power = await openPower(await makeRoad(inject('motoEndpoint')), ENDPOINT);
  const { scaling, sagemaker } = power.clients;
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
  const ResourceArn = `arn:aws:sagemaker:${REGION}:${ACCOUNT}:endpoint/${ENDPOINT}`;
  const { Tags } = await sagemaker.send(new ListTagsCommand({ ResourceArn }));
  expect(Tags).toEqual([{ Key: 'tierwatch:component', Value: 'gpu' }]);
  expect([await asked('tend'), await asked('tend')]).toEqual([
    'register scaling',
    'register scaling',
  ]);
  const { ScalingPolicies } = await scaling.send(new DescribeScalingPoliciesCommand(OF));
  expect(ScalingPolicies).toMatchObject([
    { ...OF, TargetTrackingScalingPolicyConfiguration: { TargetValue: 16 } },
  ]);
  const { ScalableTargets } = await scaling.send(
    new DescribeScalableTargetsCommand({ ServiceNamespace: 'sagemaker' }),
  );
  expect(ScalableTargets!.filter(({ ResourceId }) => ResourceId === OF.ResourceId)).toMatchObject([
    { MinCapacity: 1, MaxCapacity: 2 },
  ]);
  const { ScheduledActions } = await scaling.send(new DescribeScheduledActionsCommand(OF));
  expect(ScheduledActions).toMatchObject([
    {
      ...OF,
      ScheduledActionName: `${ENDPOINT}-0`,
      Schedule: 'cron(0 19 ? * * *)',
      Timezone: 'Europe/Berlin',
      ScalableTargetAction: { MinCapacity: 1, MaxCapacity: 1 },
    },
  ]);
  expect([await asked('stop'), await asked('stop'), await power.exists()]).toEqual([
    'delete',
    'nothing',
    false,
  ]);
});

it('rolls a new configuration out to an endpoint that is there, and deletes it with the stack', async () => {
  const power = await openPower(await makeRoad(inject('motoEndpoint')), `${ENDPOINT}-rolled`);
  await power.ask('start');
  expect(await power.servedConfiguration()).toBe(power.configName);
  const { name, handle } = await power.deployed();
  expect(await handle({ action: 'tend', configuration: name, tf: { action: 'update' } })).toEqual({
    step: 'update',
  });
  expect(await power.servedConfiguration()).toBe(name);
  expect(await handle({ action: 'tend' })).toEqual({ step: 'register scaling' });
  expect(await handle({ action: 'tend', configuration: name, tf: { action: 'delete' } })).toEqual({
    step: 'delete',
  });
  expect(await power.exists()).toBe(false);
});
