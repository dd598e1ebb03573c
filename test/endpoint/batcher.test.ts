import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { ModelInput, RawDetections } from '../../core/ports';
import { Batcher, type BatcherOptions, RequestDroppedError } from '../../endpoint/batcher';

const INPUT: ModelInput = { heightPx: 1, widthPx: 1, fill: 114 };
const OTHER: ModelInput = { heightPx: 2, widthPx: 1, fill: 114 };

/** "Infers" a picture by its first byte: who asked for what can be told from the answer. */
async function byFirstByte(
  pixels: Uint8Array,
  count: number,
  { heightPx, widthPx }: ModelInput,
): Promise<RawDetections[]> {
  const bytes = heightPx * widthPx * 3;
  return Array.from({ length: count }, (_, index) => ({
    boxes: new Float32Array(4),
    confidences: Float32Array.of(pixels[index * bytes]!),
    classIndexes: Int32Array.of(0),
  }));
}

function recorded(change: Partial<BatcherOptions> = {}) {
  const batches: number[][] = [];
  const batcher = new Batcher({
    maxBatch: 4,
    waitMs: 1,
    isOutOfMemory: (error) => /out of memory/.test(String(error)),
    run: async (pixels, count, input) => {
      const found = await byFirstByte(pixels, count, input);
      batches.push(found.map(({ confidences }) => confidences[0]!));
      return found;
    },
    ...change,
  });
  return { batcher, batches };
}

const ask = (
  batcher: Batcher,
  camera: string,
  values: readonly number[],
  { input = INPUT, deadlineAtMs = Number.POSITIVE_INFINITY } = {},
) => {
  const copyPicture = (index: number, into: Uint8Array): void => void into.fill(values[index]!);
  return batcher
    .add({ camera, count: values.length, copyPicture, input, deadlineAtMs })
    .then(({ detections }) => detections.map(({ confidences }) => confidences[0]));
};

it('gives every request its own answers in order, whoever shares its batches', async () => {
  const request = fc.record({
    camera: fc.constantFrom('a', 'b', 'c'),
    values: fc.array(fc.integer({ min: 0, max: 255 }), { minLength: 1, maxLength: 9 }),
    input: fc.constantFrom(INPUT, OTHER),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(request, { minLength: 1, maxLength: 12 }),
      fc.integer({ min: 1, max: 8 }),
      async (requests, maxBatch) => {
        const { batcher, batches } = recorded({ maxBatch });
        const answers = requests.map(({ camera, values, input }) =>
          ask(batcher, camera, values, { input }),
        );
        expect(await Promise.all(answers)).toEqual(requests.map(({ values }) => values));
        expect(Math.max(...batches.map(({ length }) => length))).toBeLessThanOrEqual(maxBatch);
        expect(batcher.depth).toBe(0);
      },
    ),
    { numRuns: 60 },
  );
});

it('takes cameras in turn: a long request does not hold up a short one', async () => {
  const { batcher, batches } = recorded({ maxBatch: 2 });
  const ended: string[] = [];
  const long = ask(batcher, 'long', [1, 1, 1, 1, 1, 1]).then(() => ended.push('long'));
  const short = ask(batcher, 'short', [2]).then(() => ended.push('short'));
  await Promise.all([long, short]);
  expect(ended).toEqual(['short', 'long']);
  expect(batches.flat().indexOf(2)).toBeLessThan(4);
});

it('is fair to a thousand tiny requests and a recording of a thousand frames among them', async () => {
  const { batcher, batches } = recorded({ maxBatch: 16 });
  const done: string[] = [];
  const note = (name: string) => () => void done.push(name);
  const large = ask(batcher, 'large', Array(1000).fill(255)).then(note('large'));
  const tiny = Array.from({ length: 1000 }, (_, index) =>
    ask(batcher, `camera-${index % 31}`, [index % 200]).then(note('tiny')),
  );
  await Promise.all([large, ...tiny]);
  expect(batches.flat()).toHaveLength(2000);
  const largeIn = batches.map((batch) => batch.filter((value) => value === 255).length);
  const lastTiny = batches.findLastIndex((batch) => batch.some((value) => value !== 255));
  // A frame of it in every second batch of sixteen while 31 others wait: nobody stands still.
  const shared = largeIn.slice(0, lastTiny);
  // The first batch began before the others had come.
  expect(Math.max(...shared.slice(1, 60))).toBe(1);
  expect(shared.slice(1, 60).reduce((sum, one) => sum + one, 0)).toBeGreaterThanOrEqual(29);
  expect(lastTiny).toBeLessThanOrEqual(67);
  expect([done.at(-1), done.filter((one) => one === 'tiny').length]).toEqual(['large', 1000]);
});

it('halves the batch where memory runs out, loses no frame, and stays small', async () => {
  const { batcher } = recorded({
    maxBatch: 8,
    run: async (pixels, count, input) => {
      if (count > 2) throw new Error('CUDA: out of memory');
      return byFirstByte(pixels, count, input);
    },
  });
  const values = [1, 2, 3, 4, 5, 6, 7, 8];
  expect(await ask(batcher, 'a', values)).toEqual(values);
  expect(batcher.maxBatch).toBe(2);
});

it('fails only those of a batch that fails, and goes on', async () => {
  let fails = true;
  const { batcher } = recorded({
    run: async (pixels, count, input) => {
      if (fails) throw new Error('device lost');
      return byFirstByte(pixels, count, input);
    },
  });
  await expect(ask(batcher, 'a', [1])).rejects.toThrow('device lost');
  fails = false;
  expect(await ask(batcher, 'a', [2])).toEqual([2]);
});

it('leaves out a frame whose decoder has gone, and nothing of those beside it', async () => {
  const { batcher, batches } = recorded();
  const gone = batcher.add({
    camera: 'gone',
    count: 1,
    copyPicture: () => {
      throw new Error('EBADF');
    },
    input: INPUT,
    deadlineAtMs: Number.POSITIVE_INFINITY,
  });
  const there = ask(batcher, 'there', [7, 8]);
  await expect(gone).rejects.toThrow('EBADF');
  expect([await there, batches]).toEqual([[7, 8], [[7, 8]]]);
});

it('infers nothing for a request that nobody waits for any more', async () => {
  const { batcher, batches } = recorded();
  await expect(ask(batcher, 'a', [1], { deadlineAtMs: 0 })).rejects.toBeInstanceOf(
    RequestDroppedError,
  );
  expect(await ask(batcher, 'b', [2])).toEqual([2]);
  expect(batches).toEqual([[2]]);
});

it('tells of batches that fail and how many in a row; one that runs begins anew, memory is another matter', async () => {
  const told: [string, number][] = [];
  const answers = ['lost', 'lost', 'good', 'lost', 'out of memory', 'good', 'good'];
  const { batcher } = recorded({
    run: async (pixels, count, input) => {
      const answer = answers.shift()!;
      if (answer !== 'good') throw new Error(answer);
      return byFirstByte(pixels, count, input);
    },
    onFailed: ({ error, inARow }) => told.push([String(error), inARow]),
  });
  for (const _ of [1, 2, 3, 4]) await ask(batcher, 'a', [1, 2]).catch(() => null);
  expect(await ask(batcher, 'a', [1, 2])).toEqual([1, 2]);
  expect(told).toEqual([
    ['Error: lost', 1],
    ['Error: lost', 2],
    ['Error: lost', 1],
  ]);
});
