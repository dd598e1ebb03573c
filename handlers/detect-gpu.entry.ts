import { DynamoBreaker } from '../adapters/aws/dynamo-breaker';
import { SageMakerEndpoint } from '../adapters/aws/sagemaker-endpoint';
import { createRuntimeClient } from '../adapters/aws/sagemaker-runtime';
import { EndpointAnalyser } from '../adapters/gpu-endpoint/endpoint-analyser';
import { ModelShelf } from '../adapters/onnx/model-shelf';
import { WorkerPool } from '../adapters/worker/pool';
import { CircuitBreaker } from '../core/circuit-breaker';
import type { Analyser } from '../core/ports';
import { awsPorts } from './aws-road';
import { createDetectGpu } from './detect-gpu';
import { openDetect } from './detect-ports';
import { EnvironmentError, readEnvironment } from './environment';
import { MODEL_ENVIRONMENT, withModel } from './model';

/** SageMaker's own limit of one call: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpoint.html */
const ANSWER_MS = 60_000;
/** Reading packets and writing some of them takes tenths of a second; a tier that sends JPEG waits for answers among it. */
const CHILD_SECONDS = ANSWER_MS / 1000 + 10;
/** An answer, the writes, and the spill where none comes. */
const NEEDED_MS = ANSWER_MS + 15_000;

const own = readEnvironment([
  'gpuEndpoint',
  'gpuVariants',
  'gpuAddress',
  'gpuQueueUrl',
  ...MODEL_ENVIRONMENT,
]);
const { gpuQueueUrl } = own;
if (!gpuQueueUrl) throw new EnvironmentError(['gpuQueueUrl: expected an address']);
const { clients, table, ports, footage, cpuLane, observe } = openDetect('detect-gpu');
const runtime = createRuntimeClient({
  region: process.env.AWS_REGION ?? 'us-east-1',
  ...(own.gpuAddress ? { endpoint: own.gpuAddress } : {}),
  requestTimeoutMs: ANSWER_MS,
});
/** A model that no variant serves of its own is the champion's: an answer of another model spills. */
const endpointOf = (model: string): SageMakerEndpoint => {
  const variant = own.gpuVariants?.[model];
  return new SageMakerEndpoint(runtime, {
    endpointName: own.gpuEndpoint,
    ...(variant ? { variant } : {}),
    nowMs: () => performance.now(),
  });
};

const pool = new WorkerPool({ size: 1, deadlineSeconds: CHILD_SECONDS });

const analyserWith = (models: ModelShelf): Analyser => ({
  async analyse(message, floor) {
    const { limits } = await ports.fleet.index();
    const object = { key: message.objectKey, objectVersion: message.objectVersion };
    return footage.withFile(object, limits, (path) =>
      new EndpointAnalyser({
        endpoint: endpointOf(message.model),
        pool,
        limits,
        pathOf: () => path,
        bundleOf: (model) => models.bundleOf(model),
        deadlineMs: ANSWER_MS,
      }).analyse(message, floor),
    );
  },
});

/** The gpu lane's messages → rows, snapshots, alerts; what the endpoint can't take spills to the cpu lane. */
export const handler = observe(
  withModel(clients, own, (modelFolder) =>
    createDetectGpu({
      ...ports,
      analyser: analyserWith(new ModelShelf(modelFolder, own.modelsFolder ?? null)),
      queue: awsPorts.lane(clients, gpuQueueUrl),
      cpuLane,
      breaker: new CircuitBreaker({
        store: new DynamoBreaker(table),
        nowMs: () => Date.now(),
        chance: Math.random,
      }),
      neededMs: () => NEEDED_MS,
    }),
  ),
);
