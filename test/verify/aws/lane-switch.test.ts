import { PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { expect, inject, it, vi } from 'vitest';
import { SqsQueue } from '../../../adapters/aws/sqs-queue';
import type { SegmentMessage } from '../../../core/segment-message';
import { openLaneSwitch } from './lane-switch';
import { LOBBY_BYTES, makeRoad, openFunctions } from './road';

it('sums the functions’ own metrics, writes its decision, and route follows it', async () => {
  const road = await makeRoad(inject('motoEndpoint'), { gpuLane: 'auto' });
  const { decide, metrics } = await openLaneSwitch(road);
  const { route } = await openFunctions(road);
  await route.poll();
  const laneOf = async (hour: string): Promise<string[]> => {
    const Key = `harbour-depot/yard/20261102T${hour}0000Z_60s.mp4`;
    await road.clients.s3.send(
      new PutObjectCommand({ Bucket: road.footageBucket, Key, Body: LOBBY_BYTES }),
    );
    // A new function: the decision is read once a minute.
    vi.resetModules();
    const functions = await openFunctions(road);
    await functions.route.poll();
    const lanes: string[] = [];
    for (const queue of [road.cpu, road.gpu]) {
      const lane = new SqsQueue<SegmentMessage>(road.clients.sqs, queue);
      const taken = await lane.receive({ max: 10, visibilitySeconds: 60 });
      await lane.acknowledge(taken.map(({ receiptHandle }) => receiptHandle));
      lanes.push(...taken.map(({ body }) => `${body.tier} ${body.lane}`));
    }
    return lanes;
  };
  expect(await laneOf('08')).toEqual(['high cpu']);
  expect(await decide()).toMatchObject({ lane: 'cpu', reason: 'below', framesPerSecond: 0 });

  const put = (tier: string, lane: string, Value: number, environment = 'verify') =>
    metrics.send(
      new PutMetricDataCommand({
        Namespace: 'Tierwatch',
        MetricData: [
          {
            MetricName: 'framesInferred',
            Dimensions: Object.entries({ environment, tier, lane }).map(([Name, value]) => ({
              Name,
              Value: value,
            })),
            Timestamp: new Date(Date.now() - 300_000),
            Unit: 'Count',
            Value,
          },
        ],
      }),
    );
  await put('high', 'cpu', 1_000_000);
  await put('high', 'gpu', 800_000);
  await put('steady', 'cpu', 9_000_000);
  await put('high', 'cpu', 9_000_000, 'another');
  expect(await decide()).toMatchObject({ lane: 'gpu', reason: 'above', framesPerSecond: 1000 });
  expect(await laneOf('09')).toEqual(['high gpu']);
});
