import sharp from 'sharp';
import { TierwatchError } from '../../core/errors';
import { OnnxDetector } from '../onnx/onnx-detector';
import { cutClip } from '../video/cut-clip';
import { analyseFile, probeFile } from './analyse-file';
import type { WireError, WorkerReply, WorkerRequest } from './job';

sharp.concurrency(1);
const detectors = new Map<string, Promise<OnnxDetector>>();

function detectorOf(folder: string): Promise<OnnxDetector> {
  const known = detectors.get(folder);
  if (known) return known;
  const loading = OnnxDetector.load(folder);
  detectors.set(folder, loading);
  loading.catch(() => detectors.delete(folder));
  return loading;
}

function wireError(error: unknown): WireError {
  if (error instanceof TierwatchError) {
    const { name, message, code, retryable } = error;
    return { name, message, code, retryable };
  }
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  return { name, message, code: 'internal', retryable: true };
}

async function answer({ id, task }: WorkerRequest): Promise<WorkerReply> {
  try {
    if ('probe' in task) return { id, answer: probeFile(task.probe) };
    if ('clip' in task) return { id, answer: cutClip(task.clip) };
    const { job } = task;
    return { id, answer: await analyseFile(job, await detectorOf(job.modelFolder)) };
  } catch (error) {
    return { id, error: wireError(error) };
  }
}

process.on('message', (request: WorkerRequest) => {
  void answer(request).then((reply) => process.send?.(reply));
});
process.on('disconnect', () => process.exit(0));
// Ctrl-C reaches the whole process group; the parent decides when its children end.
process.on('SIGINT', () => {});
