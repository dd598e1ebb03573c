import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import type { AnalysisJob } from '../../../adapters/worker/job';
import { WorkerPool } from '../../../adapters/worker/pool';
import { PRODUCT_ANALYSIS_DEFAULTS } from '../../../core/camera-settings';

let pool: WorkerPool;
afterEach(() => pool.close());

function job(file: string): AnalysisJob {
  return {
    file,
    modelFolder: '',
    settings: PRODUCT_ANALYSIS_DEFAULTS,
    floor: null,
    range: null,
    startedAt: '',
    wantsSnapshots: false,
  };
}
const childProgram = join(__dirname, 'child-that-crashes.ts');

it('loses only the segment whose native code crashes, and replaces the child', async () => {
  pool = new WorkerPool({ size: 1, deadlineSeconds: 60, childProgram });
  const [before, crashed, after] = await Promise.allSettled(
    ['a', 'crash', 'b'].map((file) => pool.analyse(job(file))),
  );
  expect(before).toMatchObject({ status: 'fulfilled', value: { model: 'a' } });
  expect(crashed).toMatchObject({
    status: 'rejected',
    reason: { code: 'worker-crashed', retryable: true },
  });
  expect(after).toMatchObject({ status: 'fulfilled', value: { model: 'b' } });
});

it('kills a child that hangs past its deadline, and goes on', async () => {
  pool = new WorkerPool({ size: 1, deadlineSeconds: 3, childProgram });
  const [hung, after] = await Promise.allSettled(
    ['hang', 'b'].map((file) => pool.analyse(job(file))),
  );
  expect(hung).toMatchObject({
    status: 'rejected',
    reason: { code: 'worker-deadline', retryable: true },
  });
  expect(after).toMatchObject({ status: 'fulfilled', value: { model: 'b' } });
});
