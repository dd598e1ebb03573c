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

it('warms its children; a model that is not there is told by the first job, not before', async () => {
  pool = new WorkerPool({ size: 1, deadlineSeconds: 60 });
  pool.warm('/absent');
  const file = join(
    __dirname,
    '../../../demo/footage/harbour-depot/lobby/20261102T080000Z_60s.mp4',
  );
  const startedAt = '2026-11-02T08:00:00.000Z';
  await expect(
    pool.analyse({ ...job(file), startedAt, modelFolder: '/absent' }),
  ).rejects.toMatchObject({ code: 'model-bundle' });
  const modelFolder = join(__dirname, '../../../model-build/default');
  pool.warm(modelFolder);
  const range = { fromSeconds: 0, toSeconds: 1 };
  const { analysis } = await pool.analyse({ ...job(file), startedAt, modelFolder, range });
  expect(analysis.frames).toHaveLength(1);
});
