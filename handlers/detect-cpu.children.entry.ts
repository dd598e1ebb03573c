import { WorkerPool } from '../adapters/worker/pool';
import { firstChild } from './detect-cpu.first-child.entry';
import { readEnvironment } from './environment';

/** Below the function's 120 s, so that a hang still leaves time to report it (contracts 11). */
export const DEADLINE_SECONDS = 100;

const { modelFolder, modelArchive, workers } = readEnvironment([
  'modelFolder',
  'modelArchive',
  'workers',
]);

/** detect-cpu's child processes; they load the model as this file is loaded. */
export const children = new WorkerPool({
  size: workers,
  deadlineSeconds: DEADLINE_SECONDS,
  started: firstChild,
});
// A model of an archive is loaded once it is there.
if (!modelArchive) children.warm(modelFolder);
