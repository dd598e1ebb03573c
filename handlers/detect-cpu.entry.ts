// First: its children start while this process still loads its schemas and the SDK.
import './detect-cpu.children.entry';

import { ModelFolders } from '../adapters/onnx/model-folders';
import { PoolAnalyser, partOf } from '../adapters/worker/pool-analyser';
import type { Analyser } from '../core/ports';
import { createDetectCpu } from './detect-cpu';
import { children, DEADLINE_SECONDS } from './detect-cpu.children.entry';
import { openDetect } from './detect-ports';
import { readEnvironment } from './environment';
import { MODEL_ENVIRONMENT, withModel } from './model';

/** Writes, and a first load of the model. */
const NEEDED_SECONDS = 10;
/** Slower than any tier was measured on one vCPU (docs/benchmarks.md has 60 times realtime and more). */
const SLOWEST_REALTIME_FACTOR = 4;

const given = readEnvironment([...MODEL_ENVIRONMENT, 'workers']);
const { clients, ports, footage, cpuLane, observe } = openDetect('detect-cpu');

const analyserWith = (models: ModelFolders): Analyser => ({
  async analyse(message, floor) {
    const { limits } = await ports.fleet.index();
    const object = { key: message.objectKey, objectVersion: message.objectVersion };
    const { maxBytes } = limits;
    return footage.withFile(object, { maxBytes, range: partOf(message) }, (path) =>
      new PoolAnalyser(children, {
        pathOf: () => path,
        modelFolderOf: (model) => models.folderOf(model),
        limits,
      }).analyse(message, floor),
    );
  },
});

/** The cpu lane's messages → rows, snapshots, alerts. */
export const handler = observe(
  withModel(clients, given, (modelFolder) => {
    if (given.modelArchive) children.warm(modelFolder);
    return createDetectCpu({
      ...ports,
      analyser: analyserWith(new ModelFolders(modelFolder, given.modelsFolder ?? null)),
      queue: cpuLane,
      neededMs: ({ range }) => {
        const [fromMs = 0, toMs = 0] = range.split('-').map(Number);
        const workMs = (toMs - fromMs) / SLOWEST_REALTIME_FACTOR;
        return NEEDED_SECONDS * 1000 + Math.min(workMs, DEADLINE_SECONDS * 1000);
      },
    });
  }),
);
