import { WorkerPool } from '../adapters/worker/pool';
import { ENVIRONMENT } from '../core/environment';

/** Below the function's 120 s, so that a hang still leaves time to report it (contracts 11). */
export const DEADLINE_SECONDS = 100;

// Before the schemas that check them: what is missing or wrong ends the function a moment later, with its children.
const { [ENVIRONMENT.workers]: workers, [ENVIRONMENT.modelFolder]: modelFolder } = process.env;

/**
 * detect-cpu's child processes: they load decoder, runtime and model as this file is loaded, while the function's own
 * process still loads its schemas and the SDK.
 */
export const children = new WorkerPool({
  size: Number(workers),
  deadlineSeconds: DEADLINE_SECONDS,
});
// A model of an archive is loaded once it is there.
if (modelFolder && !process.env[ENVIRONMENT.modelArchive]) children.warm(modelFolder);
