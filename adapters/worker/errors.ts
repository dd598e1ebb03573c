import { TierwatchError } from '../../core/errors';
import type { WireError } from './job';

/** The child process that worked a segment ended: native code crashed or memory ran out. */
export class WorkerCrashedError extends TierwatchError {
  override readonly name = 'WorkerCrashedError';
  constructor(file: string, how: string) {
    super(
      `"${file}": its child process ended (${how}); the segment is tried again, then dead-lettered`,
      {
        code: 'worker-crashed',
        retryable: true,
      },
    );
  }
}

/** A segment outlived its deadline; the child was killed. */
export class WorkerDeadlineError extends TierwatchError {
  override readonly name = 'WorkerDeadlineError';
  constructor(file: string, seconds: number) {
    super(
      `"${file}": expected an answer within ${seconds} s, found none; the child was replaced. Raise --deadline-seconds if the footage is only slow`,
      { code: 'worker-deadline', retryable: true },
    );
  }
}

/** An error that a child process reported, with its own code. */
export class WorkerReportedError extends TierwatchError {
  override readonly name = 'WorkerReportedError';
  constructor({ message, code, retryable }: WireError) {
    super(message, { code, retryable });
  }
}
