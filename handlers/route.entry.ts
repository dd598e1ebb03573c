import { ModelShelf } from '../adapters/onnx/model-shelf';
import { WorkerPool } from '../adapters/worker/pool';
import { LaneSwitch } from '../core/lane-switch';
import { awsPorts, clientsOf, systemClock } from './aws-road';
import { readEnvironment } from './environment';
import { MODEL_ENVIRONMENT, withModel } from './model';
import { observed } from './observed';
import { createRoute } from './route';

const given = readEnvironment([
  'environment',
  'footageBucket',
  'quarantineBucket',
  'configBucket',
  'table',
  'cpuQueueUrl',
  'gpuQueueUrl',
  'gpuLane',
  'lanes',
  ...MODEL_ENVIRONMENT,
  'quietItemDays',
  'evidenceItemDays',
  'awsEndpoint',
]);
/** A probe reads packets alone: seconds even for a day's recording. */
const PROBE_SECONDS = 60;

const { telemetry, observe } = observed('route', given.environment);
const clients = clientsOf(given);
const table = awsPorts.table(clients, given);
const fleet = awsPorts.fleet(clients, given, telemetry);
const footage = awsPorts.footage(clients, given);
const pool = new WorkerPool({ size: 1, deadlineSeconds: PROBE_SECONDS });
const cpu = awsPorts.lane(clients, given.cpuQueueUrl);
const laneSwitch =
  given.gpuLane === 'auto'
    ? new LaneSwitch(awsPorts.laneSwitch(clients, given), { nowMs: () => Date.now(), telemetry })
    : null;

/** Landed objects → lane queues. */
export const handler = observe(
  withModel(clients, given, (modelFolder) => {
    const models = new ModelShelf(modelFolder, given.modelsFolder ?? null);
    return createRoute({
      bucket: given.footageBucket,
      fleet,
      probeSeconds: async (object) => {
        const { limits } = await fleet.index();
        return footage.withFile(object, limits, async (file) => {
          return (await pool.probe({ file, limits })).durationSeconds;
        });
      },
      modelSha256Of: (model) => models.bundleOf(model).sha256,
      floors: awsPorts.store(table, given),
      laneSwitch,
      lanes: { cpu, gpu: given.gpuQueueUrl ? awsPorts.lane(clients, given.gpuQueueUrl) : cpu },
      quarantine: awsPorts.quarantine(clients, table, given),
      failures: awsPorts.failures(table),
      health: awsPorts.health(table),
      clock: systemClock,
      telemetry,
    });
  }),
);
