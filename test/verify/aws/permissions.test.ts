import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PutBucketVersioningCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { DynamoAlerts, DynamoHealth } from '../../../adapters/aws/dynamo-alerts';
import { DynamoStore } from '../../../adapters/aws/dynamo-store';
import { SqsQueue } from '../../../adapters/aws/sqs-queue';
import { PRODUCT_ANALYSIS_DEFAULTS } from '../../../core/camera-settings';
import { ENVIRONMENT } from '../../../core/environment';
import { evaluate, type Statement, unusedGrants } from '../../../core/iam/evaluate';
import { askedBy, type SdkCall } from '../../../core/iam/operations';
import type { Permission, ResourceName } from '../../../core/permissions';
import type { SegmentMessage } from '../../../core/segment-message';
import type { SegmentItem } from '../../../core/segment-result';
import { FUNCTION_ACCESS } from '../../../handlers/all.permissions';
import { packModel } from '../../../infra/model-archive';
import { alertAt, analyticsAt } from '../../contracts/records';
import { startServer } from '../../endpoint/server-process';
import { type OpenedApi, openApi, sendForm } from './api';
import { startLambda } from './lambda-stand-in';
import { openLaneSwitch } from './lane-switch';
import { ACCOUNT, REGION } from './moto';
import { openPower } from './power';
import { LOBBY, LOBBY_BYTES, type MadeRoad, makeRoad, openFunctions, openGpuLane } from './road';
import { startForwarder } from './sagemaker-forwarder';
import { LIVE_TABLE_ARN, openRollUps, openSeries, openSetup, SECRET_ARN } from './series';

/** Calls of the function that is being driven; the clients that drive it are made before. */
const heard = vi.hoisted(() => ({ calls: [] as unknown[], isRecording: false }));
vi.mock('../../../adapters/aws/clients', async (importOriginal) => {
  const original = await importOriginal<typeof import('../../../adapters/aws/clients')>();
  const { recordCalls } = await import('../../../adapters/aws/record-calls');
  const { answerMoves } = await import('./move-tasks');
  return {
    ...original,
    createClients: (options: Parameters<typeof original.createClients>[0]) => {
      const clients = original.createClients(options);
      for (const client of heard.isRecording ? Object.values(clients) : []) {
        recordCalls(client, (call) => heard.calls.push(call));
      }
      answerMoves(clients.sqs, () => {});
      return clients;
    },
  };
});

vi.mock('../../../adapters/aws/lambda-analytics', async (importOriginal) => {
  const original = await importOriginal<typeof import('../../../adapters/aws/lambda-analytics')>();
  const { recordCalls } = await import('../../../adapters/aws/record-calls');
  return {
    ...original,
    createLambdaClient: (options: Parameters<typeof original.createLambdaClient>[0]) => {
      const client = original.createLambdaClient(options);
      recordCalls(client, (call) => heard.calls.push(call));
      return client;
    },
  };
});
vi.mock('../../../adapters/aws/cloudwatch-frames', async (importOriginal) => {
  const original = await importOriginal<typeof import('../../../adapters/aws/cloudwatch-frames')>();
  const { recordCalls } = await import('../../../adapters/aws/record-calls');
  return {
    ...original,
    createMetricsClient: (options: Parameters<typeof original.createMetricsClient>[0]) => {
      const client = original.createMetricsClient(options);
      recordCalls(client, (call) => heard.calls.push(call));
      return client;
    },
  };
});
vi.mock('../../../adapters/aws/sagemaker-power', async (importOriginal) => {
  const original = await importOriginal<typeof import('../../../adapters/aws/sagemaker-power')>();
  const { recordCalls } = await import('../../../adapters/aws/record-calls');
  return {
    ...original,
    createPowerClients: (options: Parameters<typeof original.createPowerClients>[0]) => {
      const clients = original.createPowerClients(options);
      for (const client of Object.values(clients)) {
        recordCalls(client, (call) => heard.calls.push(call));
      }
      return clients;
    },
  };
});
vi.mock('../../../adapters/aws/sagemaker-runtime', async (importOriginal) => {
  const original = await importOriginal<typeof import('../../../adapters/aws/sagemaker-runtime')>();
  const { recordCalls } = await import('../../../adapters/aws/record-calls');
  return {
    createRuntimeClient: (options: Parameters<typeof original.createRuntimeClient>[0]) => {
      const client = original.createRuntimeClient(options);
      recordCalls(client, (call) => heard.calls.push(call));
      return client;
    },
  };
});
vi.mock('../../../adapters/aws/time-series-clients', async (importOriginal) => {
  const original =
    await importOriginal<typeof import('../../../adapters/aws/time-series-clients')>();
  const { recordCalls } = await import('../../../adapters/aws/record-calls');
  return {
    createTimeSeriesClients: (options: Parameters<typeof original.createTimeSeriesClients>[0]) => {
      const clients = original.createTimeSeriesClients(options);
      for (const client of Object.values(clients)) {
        recordCalls(client, (call) => heard.calls.push(call));
      }
      return clients;
    },
  };
});

const MODEL_KEY = 'model.tar.gz';

/** The default model as an archive of S3, which the functions are told of. */
async function putModel({ clients, configBucket, variables }: MadeRoad): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'tierwatch-archive-'));
  const { file, sha256 } = packModel(join(__dirname, '../../../model-build/default'), folder);
  const Body = readFileSync(file);
  rmSync(folder, { recursive: true });
  await clients.s3.send(new PutObjectCommand({ Bucket: configBucket, Key: MODEL_KEY, Body }));
  Object.assign(variables, {
    [ENVIRONMENT.modelArchive]: `s3://${configBucket}/${MODEL_KEY}`,
    [ENVIRONMENT.modelSha256]: sha256,
  });
}

let road: MadeRoad;
let api: OpenedApi;
const made = new Map<string, SdkCall[]>();

/** ARNs of the parts, as infra gives them to the roles. */
function arnsOf({
  footageBucket,
  ...names
}: MadeRoad): Partial<Record<ResourceName, string | string[]>> {
  const bucket = (name: string): string => `arn:aws:s3:::${name}`;
  const table = `arn:aws:dynamodb:${REGION}:${ACCOUNT}:table/${names.table.name}`;
  return {
    footageBucket: bucket(footageBucket),
    footageObjects: `${bucket(footageBucket)}/*`,
    uploadObjects: `${bucket(footageBucket)}/uploads/*`,
    footageKeySecret: api.secretArn,
    analyticsReader: READER_ARN,
    quarantineObjects: `${bucket(names.quarantineBucket)}/*`,
    snapshotObjects: `${bucket(names.snapshotsBucket)}/*`,
    modelArchive: `${bucket(road.configBucket)}/${MODEL_KEY}`,
    configObjects: `${bucket(names.configBucket)}/*`,
    table,
    tableByTime: `${table}/index/by-time`,
    tableByStatus: `${table}/index/by-status`,
    rollUpTable: table,
    rollUpIndex: `${table}/index/by-time`,
    cpuQueue: names.cpu.arn,
    gpuQueue: names.gpu.arn,
    gpuEndpointConfig: `arn:aws:sagemaker:${REGION}:${ACCOUNT}:endpoint-config/config-*`,
    scalingRole: `arn:aws:iam::${ACCOUNT}:role/aws-service-role/sagemaker.application-autoscaling.amazonaws.com/AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint`,
    scalableTargets: `arn:aws:application-autoscaling:${REGION}:${ACCOUNT}:scalable-target/*`,
    gpuEndpoint: `arn:aws:sagemaker:${REGION}:${ACCOUNT}:endpoint/${GPU_ENDPOINT}`,
    laneSwitchObject: `${bucket(names.configBucket)}/lane-switch.json`,
    everything: '*',
    analyticsQueue: names.analytics.arn,
    fedQueues: fedQueues(names).map(({ arn }) => arn),
    deadLetterQueues: fedQueues(names).map(({ deadLetter }) => deadLetter.arn),
    detectionsStream: names.detections.arn,
    retentionQueue: names.retention.arn,
    influxAdminSecret: `${SECRET_ARN}admin-*`,
    influxWriteSecret: `${SECRET_ARN}write-*`,
    influxReadSecret: `${SECRET_ARN}read-*`,
    liveTable: LIVE_TABLE_ARN,
    alertTopics: names.topic.arn,
  };
}

const fedQueues = ({
  landed,
  cpu,
  gpu,
  analytics,
  retention,
}: Pick<MadeRoad, 'landed' | 'cpu' | 'gpu' | 'analytics' | 'retention'>) => [
  landed,
  cpu,
  gpu,
  analytics,
  retention,
];

function policyOf(permissions: readonly Permission[]): Statement[] {
  const arns = arnsOf(road);
  return permissions.map(({ actions, resource }) => ({
    Effect: 'Allow',
    Action: actions,
    Resource: arns[resource]!,
  }));
}

const asksOf = (name: string) =>
  made.get(name)!.flatMap((call) => askedBy(call, { region: REGION, account: ACCOUNT }));

function messageOf(item: SegmentItem): SegmentMessage {
  const { segmentKey, objectKey, objectVersion, range, analysisId, camera, tier } = item;
  return {
    ...{ segmentKey, objectKey, objectVersion, range, analysisId, camera, tier },
    lane: 'cpu',
    model: 'default',
    floorId: null,
    settings: PRODUCT_ANALYSIS_DEFAULTS,
    attempt: 1,
  };
}

const GPU_ENDPOINT = 'verify-gpu';
const READER_ARN = `arn:aws:lambda:${REGION}:${ACCOUNT}:function:verify-analytics-query:live`;

function gpuMessage(key: string, objectVersion: string): SegmentMessage {
  return {
    segmentKey: key,
    objectKey: key,
    objectVersion,
    range: '0-60000',
    analysisId: 'gpu-analysis',
    camera: 'harbour-depot/lobby',
    tier: 'high',
    lane: 'gpu',
    model: 'default',
    floorId: null,
    settings: { ...PRODUCT_ANALYSIS_DEFAULTS, classes: ['person', 'vehicle'] },
    attempt: 1,
  };
}

/** Drives every path of the functions once, and keeps who called what. */
beforeAll(async () => {
  road = await makeRoad(inject('motoEndpoint'));
  await putModel(road);
  heard.isRecording = true;
  const during = async (name: string, work: () => Promise<unknown>): Promise<void> => {
    heard.calls = [];
    await work();
    made.set(name, [...(made.get(name) ?? []), ...(heard.calls as SdkCall[])]);
  };
  // Each fetches its model as it starts, at the same time: what is heard then is of both.
  heard.calls = [];
  const functions = await openFunctions(road);
  await Promise.all([functions.route.poll(), functions.detectCpu.poll()]);
  const fetched = (heard.calls as SdkCall[]).filter(({ input }) => input.Key === MODEL_KEY);
  expect(fetched).toHaveLength(2);
  for (const name of ['route', 'detect-cpu']) made.set(name, fetched.slice(0, 1));
  const route = () => during('route', () => functions.route.poll());
  const detect = () => during('detect-cpu', () => functions.detectCpu.poll());
  const land = (Key: string, Body: string | Uint8Array) =>
    road.clients.s3.send(new PutObjectCommand({ Bucket: road.footageBucket, Key, Body }));
  const notify = (key: string, versionId: string) =>
    new SqsQueue(road.clients.sqs, road.landed).send([
      {
        body: {
          Records: [
            {
              eventName: 'ObjectCreated:Put',
              s3: { bucket: { name: road.footageBucket }, object: { key, versionId } },
            },
          ],
        },
      },
    ]);
  await route();
  // Success, with an alert; the same again; a second hour, whose floor is learned.
  await land(LOBBY, LOBBY_BYTES);
  await route();
  await detect();
  await land(LOBBY.replace('080000Z', '090000Z'), LOBBY_BYTES);
  await route();
  await detect();
  // A key of another layout, probed; announced by its version.
  const { VersionId } = await land('cctv/lobby/20261102-100000.mp4', LOBBY_BYTES);
  await route();
  await notify('cctv/lobby/20261102-100000.mp4', VersionId!);
  await route();
  await detect();
  // Quarantine on both functions, a camera of the gpu lane, forged messages.
  await land('notes.mp4', 'x');
  await land('harbour-depot/lobby/20261102T110000Z_60s.mp4', 'not a video');
  await land('harbour-depot/yard/20261102T110000Z_60s.mp4', LOBBY_BYTES);
  await route();
  await detect();
  const cpu = new SqsQueue<unknown>(road.clients.sqs, road.cpu);
  await cpu.send([{ body: 'forged' }]);
  await detect();
  // A failure that is tried again, and a function that is out of time.
  const store = new DynamoStore(road.table, { quietDays: 32, evidenceDays: 60 });
  const [item] = await Array.fromAsync(store.itemsOfCamera('harbour-depot/lobby', {}));
  const body = { ...messageOf(item!), model: 'absent', range: '0-1000' };
  await cpu.send([{ body }]);
  await detect();
  await cpu.send([{ body }]);
  await during('detect-cpu', () => functions.detectCpuOutOfTime.poll());
  // Nothing pending; then an alert that was not handed over, and a camera that fell silent.
  await during('alerts', () => functions.alerts());
  const long = '2026-11-01T00:00:00.000Z';
  const alerts = new DynamoAlerts(road.table, road.clients.dynamo);
  await alerts.createAlert(alertAt(0, { createdAt: long }));
  await new DynamoHealth(road.table).watchCamera('harbour-depot/gate', long);
  await during('alerts', () => functions.alerts());
  // The gpu lane: by its endpoint, refused footage, spilled, a failure of another kind, out of time.
  const gpu = new SqsQueue<unknown>(road.clients.sqs, road.gpu);
  const left = await gpu.receive({ max: 10, visibilitySeconds: 60 });
  await gpu.acknowledge(left.map(({ receiptHandle }) => receiptHandle));
  const server = await startServer();
  const forwarder = await startForwarder(GPU_ENDPOINT, server.url);
  const given = { address: forwarder.url, endpointName: GPU_ENDPOINT };
  heard.calls = [];
  const gpuLane = await openGpuLane(road, given);
  await gpuLane.lane.poll();
  made.set('detect-gpu', heard.calls as SdkCall[]);
  const poll = () => during('detect-gpu', () => gpuLane.lane.poll());
  const announced = async (hour: number, content: string | Uint8Array): Promise<void> => {
    const key = `harbour-depot/yard/20261103T${hour}0000Z_60s.mp4`;
    const { ETag, VersionId } = await land(key, content);
    await route();
    const both = await gpu.receive({ max: 10, visibilitySeconds: 0 });
    await gpu.acknowledge(both.map(({ receiptHandle }) => receiptHandle));
    const versions = [ETag!.replaceAll('"', ''), VersionId!];
    await gpu.send(versions.map((objectVersion) => ({ body: gpuMessage(key, objectVersion) })));
  };
  await announced(10, LOBBY_BYTES);
  await poll();
  await announced(11, 'not a video');
  await poll();
  forwarder.fail({ status: 503, type: 'ServiceUnavailable', message: 'no capacity' });
  await announced(12, LOBBY_BYTES);
  await poll();
  const gone = gpuMessage('harbour-depot/yard/20261103T130000Z_60s.mp4', '0'.repeat(32));
  // The network fails: tried again later.
  const { S3Footage } = await import('../../../adapters/aws/s3-footage');
  vi.spyOn(S3Footage.prototype, 'withFile').mockRejectedValueOnce(new Error('socket hang up'));
  await gpu.send([{ body: gone }]);
  await poll();
  await gpu.send([{ body: gone }]);
  await during('detect-gpu', () => gpuLane.laneOutOfTime.poll());
  forwarder.stop();
  server.process.kill('SIGKILL');
  // A segment that S3 announced by its version (moto's own notifications lack it), and one without versions.
  const attic = 'harbour-depot/attic/20261102T080000Z_60s.mp4';
  const put = await land(attic, LOBBY_BYTES);
  const landed = new SqsQueue(road.clients.sqs, road.landed);
  const own = await landed.receive({ max: 10, visibilitySeconds: 60 });
  await landed.acknowledge(own.map(({ receiptHandle }) => receiptHandle));
  await notify(attic, put.VersionId!);
  await road.clients.s3.send(
    new PutBucketVersioningCommand({
      Bucket: road.footageBucket,
      VersioningConfiguration: { Status: 'Suspended' },
    }),
  );
  await land(attic.replace('attic', 'cellar'), LOBBY_BYTES);
  await route();
  await detect();
  for (const { deadLetter } of fedQueues(road)) {
    await new SqsQueue(road.clients.sqs, { url: deadLetter.url }).send([{ body: 'dead' }]);
  }
  // The api: what it lists, a picture, cookies for footage, a form by which a browser puts a file.
  const reader = await startLambda(READER_ARN, async () => ({ rows: [] }));
  process.env[ENVIRONMENT.analyticsFunction] = READER_ARN;
  process.env[ENVIRONMENT.lambdaAddress] = reader.url;
  heard.calls = [];
  api = await openApi(inject('motoEndpoint'), road);
  await api.ask('[all]', '/api/health');
  made.set('api', heard.calls as SdkCall[]);
  const period = 'since=2026-11-02T00:00:00Z&until=2026-11-03T00:00:00Z';
  await during('api', async () => {
    const [depot] = (await store.cameras()).map((camera) => camera.split('/')[0]!);
    for (const path of ['/api/cameras', '/api/health', '/api/rejections']) {
      expect([path, (await api.ask('[all]', path)).status]).toEqual([path, 200]);
    }
    for (const body of [undefined, {}]) {
      const path = `/api/dead-letters${body ? '/redrive' : ''}`;
      expect([path, (await api.ask('[all operator]', path, body)).status]).toEqual([path, 200]);
    }
    const asked = await api.ask('[all]', `/api/analytics/quiet-share?${period}`);
    expect([asked.status, asked.text]).toEqual([200, expect.stringContaining('"rows":[]')]);
    const { events } = JSON.parse((await api.ask('[all]', `/api/events?${period}`)).text);
    await api.ask('[all]', `/api/snapshots/${events[0].snapshotKey}`);
    const day = 'from=2026-11-02T00:00:00Z&to=2026-11-03T00:00:00Z';
    await api.ask('[all]', `/api/timeline?camera=harbour-depot/lobby&${day}`);
    await api.ask('[all]', '/api/session/footage', { site: depot });
    const video = { name: 'a.mp4', bytes: LOBBY_BYTES.length, durationSeconds: 60 };
    const form = JSON.parse((await api.ask('[all]', '/api/uploads/presign', video)).text);
    expect((await sendForm(form, LOBBY_BYTES)).status).toBe(204);
    // What a browser does by a signature, S3 asks of the role that has signed.
    const input = { Bucket: road.footageBucket, Key: form.objectKey };
    heard.calls.push({ service: 'S3', operation: 'PutObject', input });
  });
  reader.stop();
  // Rows into either time series, and a named query of each.
  for (const kind of ['influxdb', 'live-analytics'] as const) {
    const series = await openSeries(road, kind);
    await during('analytics', () => series.write([analyticsAt(0)]));
    await during('analytics-query', () => series.ask('quiet-share'));
    await series.close();
  }
  // Where there is none: sums of the hours so far, and a query of them.
  const rollUps = await openRollUps(road);
  vi.useFakeTimers({ toFake: ['Date'], now: Date.parse('2026-11-02T10:20:00Z') });
  await during('roll-up', () => rollUps.rollUp());
  await during('analytics-query', () => rollUps.ask('quiet-share'));
  vi.useRealTimers();
  const { decide } = await openLaneSwitch(road);
  await during('lane-switch', decide);
  const power = await openPower(road, GPU_ENDPOINT);
  for (const action of ['start', 'tend', 'follow'] as const) {
    await during('endpoint-power', () => power.ask(action));
  }
  await power.ask('start');
  const { handle } = await power.deployed();
  for (const action of ['tend', 'stop'] as const) {
    await during('endpoint-power', () => handle({ action }));
  }
  const setup = await openSetup(road);
  await during('analytics-setup', () => setup.run());
  setup.close();
  // A month later everything that was analysed has expired, in a bucket with versions and in one without.
  vi.useFakeTimers({ toFake: ['Date'], now: Date.parse('2026-12-24T00:00:00Z') });
  await during('retention', () => functions.scheduleRetention());
  await during('retention', () => functions.retention.poll());
  vi.useRealTimers();
});

describe.each(Object.entries(FUNCTION_ACCESS))('the permissions of %s', (name, { permissions }) => {
  it('are enough: every call that it makes is allowed', () => {
    const policy = policyOf(permissions);
    const denied = asksOf(name).filter((ask) => !evaluate(policy, ask).isAllowed);
    expect(denied).toEqual([]);
    expect(asksOf(name).length).toBeGreaterThan(1);
  });

  it('are needed: every action on every part is used by some call', () => {
    expect(unusedGrants(policyOf(permissions), asksOf(name))).toEqual([]);
    const grants = permissions.flatMap(({ actions }) => actions).length;
    console.log(
      `shown: permissions of ${name}: ${made.get(name)!.length} calls allowed by ${grants} grants, each of them needed`,
    );
  });
});
