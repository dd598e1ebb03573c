// Stands in for native code that crashes or hangs; every other file is answered.
import type { WorkerRequest } from '../../../adapters/worker/job';

process.on('message', (request: WorkerRequest) => {
  if (!('task' in request) || !('job' in request.task)) return;
  const { id, task } = request;
  const { job } = task;
  if (job.file === 'crash') process.kill(process.pid, 'SIGSEGV');
  else if (job.file === 'hang') for (;;);
  else process.send?.({ id, answer: { model: job.file } });
});
process.on('disconnect', () => process.exit(0));
process.send?.({ isUp: true });
