import * as pulumi from '@pulumi/pulumi';
import { itemDays } from '../core/fleet/item-days';
import { PRODUCT_RETENTION } from '../core/fleet/resolve';
import { FUNCTION_TIMEOUT_SECONDS } from '../core/limits';
import { UPLOAD_SITE } from '../core/upload';
import type { FunctionName } from '../handlers/all.permissions';
import { AlertTopics } from './alert-topics';
import { Analytics, NO_SERIES } from './analytics';
import { type Given, PAGE_FOLDER, warmOf } from './config';
import { dataKey } from './data-key';
import { Detections } from './detections';
import { feedFromQueue, feedFromSchedule, keepWarm } from './feed';
import { FleetConfig } from './fleet-config';
import { Footage } from './footage';
import { FootageKeys } from './footage-keys';
import { Gpu } from './gpu';
import { AsyncGpu } from './gpu-async';
import { gpuVariables, laneSwitchObject, serveGpuLane } from './gpu-lane';
import { scalableTargetsArn, scalingRoleArn } from './gpu-scaling';
import { Guardrails } from './guardrails';
import { functionsImage } from './image';
import { ImageFunction, type ImageFunctionArgs } from './image-function';
import { LaneQueue, queueDesk } from './lane-queue';
import { Models } from './models';
import { servePage } from './serve-page';
import { serveRollUps } from './serve-roll-ups';
import { serveSeries } from './serve-series';
import { Store } from './store';

const SMALL_MEMORY_MB = 512;
const API_MEMORY_MB = 1024;
const ROUTE_BATCH = 10;
const ROUTE_MAX_CONCURRENCY = 10;
const RETENTION_MAX_CONCURRENCY = 5;

/** One environment, in the order of a segment's road: footage → route → lane → detect → rows, alerts. */
export function createPlatform({
  environment,
  config,
  fleet,
  model,
  pageFolder = PAGE_FOLDER,
}: Given) {
  const name = `tierwatch-${environment}`;
  const { eventDays = PRODUCT_RETENTION.eventDays, archiveDays = PRODUCT_RETENTION.archiveDays } =
    fleet.retention ?? {};
  const retention = { eventDays, archiveDays };
  const items = itemDays(fleet, { deletesQuiet: config.retentionMode === 'enforce' });
  const isDelivered = config.page === 'cloudfront';
  const key = config.encryption === 'kms' ? dataKey(name, { isDelivered }) : undefined;

  const topics = new AlertTopics(name, {
    names: Object.keys(fleet.notify),
    subscribers: config.notify,
    key,
    emails: config.budgetEmails,
  });
  const queueOf = (part: string, fed: FunctionName): LaneQueue =>
    new LaneQueue(`${name}-${part}`, {
      functionTimeoutSeconds: FUNCTION_TIMEOUT_SECONDS[fed],
      alarmTopic: topics.operations,
      key,
    });
  const landed = queueOf('landed', 'route');
  const cpu = queueOf('cpu', 'detect-cpu');
  const expiring = queueOf('retention', 'retention');

  const footage = new Footage(`${name}-footage`, { config, key, retention, landed });
  const store = new Store(name, { key, isProtected: config.isProtected });
  const fleetConfig = new FleetConfig(`${name}-fleet`, { fleet, isProtected: config.isProtected });

  const models =
    model && new Models(`${name}-models`, { source: model, isProtected: config.isProtected });
  const gpuConfig = config.gpu?.lane === 'off' ? undefined : config.gpu;
  const bundle = gpuConfig?.model ?? models?.uri;
  const gpu = gpuConfig && new Gpu(`${name}-gpu`, { config, gpu: gpuConfig, bundle, key });
  const gpuLane = gpu && queueOf('gpu', 'detect-gpu');
  const backfill =
    gpuConfig?.async &&
    new AsyncGpu(`${name}-gpu-async`, {
      config,
      gpu: gpuConfig,
      async: gpuConfig.async,
      bundle,
      footageArn: footage.bucketArn,
      key,
    });
  const laneSwitch =
    gpuConfig?.lane === 'auto' ? laneSwitchObject(name, fleetConfig.store.bucket) : null;
  const series =
    config.analytics === 'none' ? null : new Analytics(`${name}-analytics`, { config, key });
  const rows = series && queueOf('analytics', 'analytics');
  const detections =
    config.detectionDays === undefined
      ? null
      : new Detections(`${name}-detections`, { config, key, days: config.detectionDays });

  const footageKeys =
    isDelivered && config.footageKeys
      ? new FootageKeys(`${name}-footage-key`, { publicKeys: config.footageKeys, key })
      : null;
  const indexArn = (index: string) => pulumi.interpolate`${store.table.arn}/index/${index}`;
  const queues: Readonly<Record<string, LaneQueue>> = {
    route: landed,
    'detect-cpu': cpu,
    ...(gpuLane ? { 'detect-gpu': gpuLane } : {}),
    ...(rows ? { analytics: rows } : {}),
    retention: expiring,
  };
  const arns = {
    footageBucket: footage.bucketArn,
    footageObjects: pulumi.interpolate`${footage.bucketArn}/*`,
    uploadObjects: pulumi.interpolate`${footage.bucketArn}/${UPLOAD_SITE}/*`,
    footageKeySecret: footageKeys ? footageKeys.secretArn : null,
    quarantineObjects: footage.quarantine.objectsArn,
    snapshotObjects: footage.snapshots.objectsArn,
    configObjects: fleetConfig.store.objectsArn,
    table: store.table.arn,
    tableByTime: indexArn('by-time'),
    tableByStatus: indexArn('by-status'),
    rollUpTable: series ? null : store.table.arn,
    rollUpIndex: series ? null : indexArn('by-time'),
    landedQueue: landed.queue.arn,
    cpuQueue: cpu.queue.arn,
    retentionQueue: expiring.queue.arn,
    gpuQueue: gpuLane ? gpuLane.queue.arn : null,
    gpuEndpoint: gpu ? gpu.endpointArn : null,
    gpuEndpointConfig: gpu ? gpu.configurationArn : null,
    scalableTargets: gpu ? scalableTargetsArn() : null,
    scalingRole: gpu ? scalingRoleArn() : null,
    laneSwitchObject: laneSwitch,
    analyticsQueue: rows ? rows.queue.arn : null,
    fedQueues: pulumi.all(Object.values(queues).map(({ queue }) => queue.arn)),
    deadLetterQueues: pulumi.all(Object.values(queues).map(({ deadLetters }) => deadLetters.arn)),
    detectionsStream: detections ? detections.stream.arn : null,
    ...(series ? series.settings.arns : NO_SERIES),
    modelArchive: models ? models.archiveArn : null,
    alertTopics: pulumi.all(Object.values(topics.topics).map(({ arn }) => arn)),
    ...(key ? { dataKey: key.arn } : {}),
  };
  const topicArns = Object.entries(topics.topics).map(([notify, { arn }]) => [notify, arn]);
  const shared = {
    environment,
    footageBucket: footage.bucketName,
    quarantineBucket: footage.quarantine.bucket.id,
    snapshotsBucket: footage.snapshots.bucket.id,
    configBucket: fleetConfig.store.bucket.id,
    table: store.table.name,
    cpuQueueUrl: cpu.queue.url,
    ...(rows ? { analyticsQueueUrl: rows.queue.url } : {}),
    ...(detections ? { detectionsStream: detections.stream.name } : {}),
    retentionQueueUrl: expiring.queue.url,
    retentionMode: config.retentionMode,
    notifyTopics: pulumi.jsonStringify(Object.fromEntries(topicArns)),
    // Without an endpoint cameras of gpu tiers run on the cpu lane.
    lanes: gpu ? 'cpu,gpu' : 'cpu',
    modelFolder: 'model-build/default',
    ...(models ? { modelArchive: models.uri, modelSha256: models.sha256 } : {}),
    quietItemDays: String(items.quiet),
    evidenceItemDays: String(items.evidence),
    workers: String(Math.max(1, Math.floor(config.detectMemoryMb / 1769))),
  };
  const variables = {
    ...shared,
    ...(gpu && gpuLane ? gpuVariables(gpu, gpuLane, { config, environment }) : {}),
  };
  const image = functionsImage(name, config);
  const functionOf = (
    one: FunctionName,
    memoryMb: number,
    change: Partial<ImageFunctionArgs> = {},
  ): ImageFunction =>
    new ImageFunction(name, {
      name: one,
      image,
      memoryMb,
      variables,
      arns,
      config,
      hasDataKey: key !== undefined,
      ...change,
    });
  const route = functionOf('route', SMALL_MEMORY_MB);
  const detectCpu = functionOf('detect-cpu', config.detectMemoryMb);
  const alerts = functionOf('alerts', SMALL_MEMORY_MB);
  const expire = functionOf('retention', SMALL_MEMORY_MB);

  const { isPaused } = config;
  feedFromQueue(
    `${name}-route`,
    {
      queue: landed.queue,
      target: route,
      batchSize: ROUTE_BATCH,
      maxConcurrency: ROUTE_MAX_CONCURRENCY,
      isPaused,
    },
    {},
  );
  feedFromQueue(
    `${name}-detect-cpu`,
    {
      queue: cpu.queue,
      target: detectCpu,
      batchSize: config.detectBatchSize,
      maxConcurrency: config.detectMaxConcurrency,
      isPaused,
    },
    {},
  );
  feedFromQueue(
    `${name}-retention`,
    {
      queue: expiring.queue,
      target: expire,
      batchSize: 1,
      maxConcurrency: RETENTION_MAX_CONCURRENCY,
      isPaused: false,
    },
    {},
  );
  feedFromSchedule(`${name}-alerts`, { target: alerts, rate: 'rate(1 minute)' }, {});
  const daily = { target: expire, rate: 'rate(1 day)', input: { source: 'schedule' } };
  feedFromSchedule(`${name}-retention`, daily, {});
  if (gpu && gpuLane && gpuConfig) {
    const args = { config, settings: gpuConfig, gpu, fleet, queue: gpuLane, functionOf };
    serveGpuLane(name, args);
  }
  const { reader } =
    series && rows
      ? serveSeries(name, { series, rows, functionOf, isPaused, environment })
      : serveRollUps(name, { table: store.table, functionOf, environment });
  const analyticsReader = reader.alias.arn;
  const page =
    footageKeys &&
    servePage(name, {
      config,
      sites: Object.keys(fleet.sites),
      footage,
      keys: footageKeys,
      folder: pageFolder,
      functionOf: (one, own) =>
        functionOf(one, API_MEMORY_MB, {
          arns: { ...arns, analyticsReader },
          variables: {
            // Not the lane's: with the queues they might be more than the 4 KB that a function has.
            ...shared,
            ...own,
            footageKeySecret: footageKeys.secretArn,
            queueDesk: queueDesk(queues),
            analyticsFunction: analyticsReader,
          },
        }),
    });
  const warm = warmOf({ config, fleet });
  if (warm) keepWarm(`${name}-detect-cpu`, detectCpu, { warm, options: {} });

  new Guardrails(name, {
    environment,
    budgetUsdPerMonth: config.budgetUsdPerMonth,
    budgetEmails: config.budgetEmails,
    alarmTopic: topics.operations,
  });
  return {
    footageBucket: footage.bucketName,
    asyncEndpoint: backfill ? backfill.endpointName : null,
    configBucket: fleetConfig.store.bucket.id,
    table: store.table.name,
    model: models ? { bundle: models.uri, sha256: models.sha256 } : null,
    page: page ? page.address : null,
    footageKeyIds: footageKeys ? footageKeys.ids : null,
    signIn: page ? { issuer: page.signIn.issuer, audience: page.signIn.audience } : null,
  };
}
