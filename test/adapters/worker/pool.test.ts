import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { WorkerDeadlineError } from '../../../adapters/worker/errors';
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

it('lets cameras take turns: one with a burst holds up another by one job a child', async () => {
  pool = new WorkerPool({ size: 1, deadlineSeconds: 60, childProgram });
  const order: string[] = [];
  const work = (camera: string, file: string) =>
    pool.analyse(job(file), { camera }).then(({ model }) => order.push(model));
  const burst = Array.from({ length: 5 }, (_, index) => work('site/burst', `burst ${index}`));
  const others = ['a', 'b'].map((file) => work('site/quiet', file));
  await Promise.all([...burst, ...others, work('site/other', 'c')]);
  expect(order).toEqual([
    ...['burst 0', 'burst 1', 'a', 'c'],
    ...['burst 2', 'b', 'burst 3', 'burst 4'],
  ]);
});

it('leaves out whom nobody waits for once a child is free, and goes on', async () => {
  pool = new WorkerPool({ size: 1, deadlineSeconds: 60, childProgram });
  const late = new WorkerDeadlineError('late', 1);
  const [first, dropped, last] = await Promise.allSettled([
    pool.analyse(job('a')),
    pool.analyse(job('late'), { isDropped: () => late }),
    pool.analyse(job('b')),
  ]);
  expect(first).toMatchObject({ value: { model: 'a' } });
  expect(dropped).toEqual({ status: 'rejected', reason: late });
  expect(last).toMatchObject({ value: { model: 'b' } });
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

it('does not count a child’s start into its deadline: an overloaded machine would replace it for ever', async () => {
  const slow = join(__dirname, 'child-that-starts-slowly.ts');
  pool = new WorkerPool({ size: 1, deadlineSeconds: 1, childProgram: slow });
  await expect(pool.analyse(job('a'))).resolves.toMatchObject({ model: 'a' });
  await expect(pool.analyse(job('hang'))).rejects.toMatchObject({ code: 'worker-deadline' });
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
