import { PutMetricDataCommand, type PutMetricDataCommandInput } from '@aws-sdk/client-cloudwatch';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { afterEach, expect, inject, it, vi } from 'vitest';
import { DynamoStore } from '../../../adapters/aws/dynamo-store';
import { SqsQueue } from '../../../adapters/aws/sqs-queue';
import type { SegmentMessage } from '../../../core/segment-message';
import { openLaneSwitch } from './lane-switch';
import { LOBBY_BYTES, makeRoad, openFunctions, publishFleet } from './road';

/** On lane gpu by its tier, by itself alone, by its hour alone; and one that is not. */
const FLEET = `
defaults: { tier: steady, classes: [person, vehicle] }
cameras:
  harbour-depot/yard: { tier: high }
  harbour-depot/gate: { lane: gpu }
  harbour-depot/quay: { schedule: [{ between: '08:00-09:00', days: mon-sun, tier: high }] }
  harbour-depot/hall: {}
`;

interface Emf {
  readonly _aws?: {
    readonly CloudWatchMetrics: readonly {
      readonly Dimensions: readonly (readonly string[])[];
      readonly Metrics: readonly { readonly Name: string; readonly Unit: 'Count' | 'Seconds' }[];
    }[];
  };
  readonly [name: string]: unknown;
}

afterEach(() => vi.restoreAllMocks());

/** The metrics of a printed line, as CloudWatch takes them out of the log. */
function metricsOf(line: string) {
  const emf = JSON.parse(line) as Emf;
  return (emf._aws?.CloudWatchMetrics ?? []).flatMap(({ Dimensions, Metrics }) =>
    Dimensions.flatMap((names) =>
      Metrics.map(({ Name, Unit }) => ({
        MetricName: Name,
        Unit,
        Dimensions: names.map((dimension) => ({ Name: dimension, Value: String(emf[dimension]) })),
        Values: [emf[Name]].flat().map(Number),
      })),
    ),
  );
}

it('sums the functions’ own metric of cameras of lane gpu, writes its decision, and route follows it', async () => {
  const road = await makeRoad(inject('motoEndpoint'), { gpuLane: 'auto' });
  await publishFleet(road.clients, road.configBucket, FLEET);
  const { decide, metrics } = await openLaneSwitch(road);
  const land = async (time: string) => {
    // A new function: the decision is read once a minute.
    vi.resetModules();
    const functions = await openFunctions(road, { printsMetrics: true });
    for (const camera of ['gate', 'hall', 'quay', 'yard']) {
      const Key = `harbour-depot/${camera}/20261102T${time}Z_60s.mp4`;
      await road.clients.s3.send(
        new PutObjectCommand({ Bucket: road.footageBucket, Key, Body: LOBBY_BYTES }),
      );
    }
    while ((await functions.route.poll()) > 0);
    return functions;
  };
  const waiting = async (): Promise<string[]> => {
    const taken = await Promise.all(
      [road.cpu, road.gpu].map((queue) =>
        new SqsQueue<SegmentMessage>(road.clients.sqs, queue).receive({
          max: 10,
          visibilitySeconds: 0,
        }),
      ),
    );
    return taken.flatMap((lane) => lane.map(({ body }) => `${body.camera} ${body.lane}`)).sort();
  };
  const lanesOf = (lane: 'cpu' | 'gpu') => [
    `harbour-depot/gate ${lane}`,
    'harbour-depot/hall cpu',
    `harbour-depot/quay ${lane}`,
    `harbour-depot/yard ${lane}`,
  ];
  const put = (MetricData: PutMetricDataCommandInput['MetricData']) =>
    metrics.send(new PutMetricDataCommand({ Namespace: 'Tierwatch', MetricData }));
  const Timestamp = new Date(Date.now() - 300_000);

  const printed = vi.spyOn(console, 'log').mockImplementation(() => {});
  const { detectCpu } = await land('080000');
  expect(await waiting()).toEqual(lanesOf('cpu'));
  expect(await decide()).toMatchObject({ lane: 'cpu', reason: 'below', framesPerSecond: 0 });
  while ((await detectCpu.poll()) > 0);
  for (const [line] of printed.mock.calls) {
    await put(metricsOf(String(line)).map((metric) => ({ ...metric, Timestamp })));
  }
  const store = new DynamoStore(road.table, { quietDays: 32, evidenceDays: 60 });
  let inferred = 0;
  for (const camera of ['gate', 'quay', 'yard']) {
    const items = await Array.fromAsync(store.itemsOfCamera(`harbour-depot/${camera}`, {}));
    expect(items).toMatchObject([{ lane: 'cpu', status: 'done' }]);
    inferred += items[0]!.framesInferred;
  }
  expect(inferred).toBeGreaterThan(0);
  const framesPerSecond = inferred / 1800;
  expect(await decide()).toMatchObject({ lane: 'cpu', reason: 'below', framesPerSecond });

  const more = (environment: string, Value: number) =>
    put([
      {
        MetricName: 'framesMeantForGpu',
        Dimensions: [{ Name: 'environment', Value: environment }],
        Timestamp,
        Unit: 'Count',
        Value,
      },
    ]);
  await more('another', 9_000_000);
  await more('verify', 1_800_000 - inferred);
  expect(await decide()).toMatchObject({ lane: 'gpu', reason: 'above', framesPerSecond: 1000 });
  await land('083000');
  expect(await waiting()).toEqual(lanesOf('gpu'));
});
