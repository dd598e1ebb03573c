import { ModelShelf } from '../adapters/onnx/model-shelf';
import { WorkerPool } from '../adapters/worker/pool';
import { PoolAnalyser, partOf } from '../adapters/worker/pool-analyser';
import type { Analyser } from '../core/ports';
import { queuedAnalytics } from '../core/queued-analytics';
import { awsPorts, clientsOf, systemClock } from './aws-road';
import { createDetectCpu } from './detect-cpu';
import { readEnvironment } from './environment';
import { observed } from './observed';

const given = readEnvironment([
  'environment',
  'footageBucket',
  'quarantineBucket',
  'snapshotsBucket',
  'configBucket',
  'table',
  'cpuQueueUrl',
  'analyticsQueueUrl',
  'detectionsStream',
  'notifyTopics',
  'lanes',
  'modelFolder',
  'modelsFolder',
  'quietItemDays',
  'evidenceItemDays',
  'workers',
  'awsEndpoint',
]);
/** Below the function's 120 s, so that a hang in native code still leaves time to report it (contracts 11). */
const DEADLINE_SECONDS = 100;
/** Writes, and a first load of the model. */
const NEEDED_SECONDS = 10;
/** Slower than any tier was measured on one vCPU (docs/benchmarks.md has 60 times realtime and more). */
const SLOWEST_REALTIME_FACTOR = 4;

const { analyticsQueueUrl, detectionsStream } = given;
const { telemetry, observe } = observed('detect-cpu', given.environment);
const clients = clientsOf(given);
const table = awsPorts.table(clients, given);
const store = awsPorts.store(table, given);
const fleet = awsPorts.fleet(clients, given, telemetry);
const footage = awsPorts.footage(clients, given);
const models = new ModelShelf(given.modelFolder, given.modelsFolder ?? null);
const pool = new WorkerPool({ size: given.workers, deadlineSeconds: DEADLINE_SECONDS });

const analyser: Analyser = {
  async analyse(message, floor) {
    const { limits } = await fleet.index();
    const object = { key: message.objectKey, objectVersion: message.objectVersion };
    const { maxBytes } = limits;
    return footage.withFile(object, { maxBytes, range: partOf(message) }, (path) =>
      new PoolAnalyser(pool, {
        pathOf: () => path,
        modelFolderOf: (model) => models.folderOf(model),
        limits,
      }).analyse(message, floor),
    );
  },
};

/** The cpu lane's messages → rows, snapshots, alerts. */
export const handler = observe(
  createDetectCpu({
    analyser,
    store,
    floors: store,
    alerts: awsPorts.alerts(clients, table),
    analytics: analyticsQueueUrl
      ? queuedAnalytics(awsPorts.analyticsQueue(clients, { analyticsQueueUrl }))
      : // An environment without a time series.
        { write: async () => {} },
    snapshots: awsPorts.snapshots(clients, given),
    ...(detectionsStream ? { archive: awsPorts.archive(clients, { detectionsStream }) } : {}),
    notifier: awsPorts.notifier(clients, given),
    fleet,
    clock: systemClock,
    onPublishFailed: (segmentKey, { message: cause }) =>
      telemetry.log('warn', 'an alert stays pending', { segmentKey, cause }),
    queue: awsPorts.lane(clients, given.cpuQueueUrl),
    quarantine: awsPorts.quarantine(clients, table, given),
    telemetry,
    neededMs: ({ range }) => {
      const [fromMs = 0, toMs = 0] = range.split('-').map(Number);
      const workMs = (toMs - fromMs) / SLOWEST_REALTIME_FACTOR;
      return NEEDED_SECONDS * 1000 + Math.min(workMs, DEADLINE_SECONDS * 1000);
    },
  }),
);
