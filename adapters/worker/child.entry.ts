import { TierwatchError } from '../../core/errors';
import { OnnxDetector } from '../onnx/onnx-detector';
import { cutClip } from '../video/cut-clip';
import { analyseFile, pickFile, probeFile } from './analyse-file';
import { analysePictures } from './analyse-pictures';
import type {
  AnalysisJob,
  WarmAnswer,
  WarmJob,
  WireError,
  WorkerReply,
  WorkerRequest,
  WorkerTask,
} from './job';
import { RemoteDetector, takeInferred } from './remote-detector';

/** Most cameras' shape of picture. */
const WIDE_PX = [1920, 1080] as const;
const detectors = new Map<string, Promise<OnnxDetector>>();

function send(reply: WorkerReply): void {
  process.send?.(reply);
}

function detectorOf(folder: string): Promise<OnnxDetector> {
  const known = detectors.get(folder);
  if (known) return known;
  const loading = OnnxDetector.load(folder);
  detectors.set(folder, loading);
  loading.catch(() => detectors.delete(folder));
  return loading;
}

function detectorFor(
  { modelFolder, remote }: Pick<AnalysisJob, 'modelFolder' | 'remote'>,
  id: number,
): Promise<OnnxDetector> | RemoteDetector {
  if (!remote) return detectorOf(modelFolder);
  return new RemoteDetector(remote, (infer) => send({ id, infer }));
}

/** Loads a model and creates the session that most cameras' pictures need; a run of nothing would hold up what waits for it. */
async function warm({ modelFolder }: WarmJob): Promise<WarmAnswer> {
  const detector = await detectorOf(modelFolder);
  await detector.open(detector.inputFor(...WIDE_PX, 'auto'));
  return { model: detector.model };
}

function wireError(error: unknown): WireError {
  if (error instanceof TierwatchError) {
    const { name, message, code, retryable } = error;
    return { name, message, code, retryable };
  }
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  return { name, message, code: 'internal', retryable: true };
}

async function answer(id: number, task: WorkerTask): Promise<WorkerReply> {
  try {
    if ('probe' in task) return { id, answer: probeFile(task.probe) };
    if ('pick' in task) return { id, answer: pickFile(task.pick) };
    if ('warm' in task) return { id, answer: await warm(task.warm) };
    if ('clip' in task) return { id, answer: cutClip(task.clip) };
    if ('pictures' in task) {
      const { pictures } = task;
      return { id, answer: await analysePictures(pictures, await detectorFor(pictures, id)) };
    }
    const { job } = task;
    return { id, answer: await analyseFile(job, await detectorFor(job, id)) };
  } catch (error) {
    return { id, error: wireError(error) };
  }
}

process.on('message', (request: WorkerRequest) => {
  if (takeInferred(request) || !('task' in request)) return;
  void answer(request.id, request.task).then(send);
});
process.on('disconnect', () => process.exit(0));
// Ctrl-C reaches the whole process group; the parent decides when its children end.
process.on('SIGINT', () => {});
send({ isUp: true });
