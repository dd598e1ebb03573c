import { availableParallelism } from 'node:os';
import { expect, it } from 'vitest';
import { countsOnGpu } from '../../adapters/onnx/onnx-detector';
import { chooseGpuVariant, type Manifest } from '../../core/manifest';
import { sumOfMib } from '../../endpoint/gpu-memory';
import { createMetrics } from '../../endpoint/metrics';
import { loadModel } from '../../endpoint/model';
import { decodersOf, readOptions } from '../../endpoint/options';

const NAME = 'tierwatch_endpoint_gpu_memory_bytes';

it('tells the memory of the GPU where there is one, and has no such number where there is none', async () => {
  const without = createMetrics({ queueDepth: () => 3 });
  expect(await without.registry.metrics()).not.toContain(NAME);
  const gpu = createMetrics({ queueDepth: () => 3, gpuMemoryBytes: async () => 2 ** 30 });
  const text = await gpu.registry.metrics();
  expect(text).toContain(`${NAME} ${2 ** 30}`);
  expect(text).toContain('tierwatch_endpoint_queue_depth 3');
});

it('loses one number, not all, where the driver does not answer', async () => {
  const refuse = () => Promise.reject(new Error('nvidia-smi: not found'));
  const { registry } = createMetrics({ queueDepth: () => 3, gpuMemoryBytes: refuse });
  const text = await registry.metrics();
  expect(text).toMatch(new RegExp(`^${NAME} Nan$`, 'im'));
  expect(text).toContain('tierwatch_endpoint_queue_depth 3');
});

it('sums the GPUs of a machine, and refuses what is no number', () => {
  expect(sumOfMib('1024\n512\n')).toBe(1536);
  expect(() => sumOfMib('[N/A]\n')).toThrow('expected MiB a line of nvidia-smi, found "[N/A]');
});

it('takes CUDA where it can be had, otherwise the CPU; asked for CUDA alone it fails instead', async () => {
  const options = { folder: 'model-build/default', threads: 1, maxBatch: 4 };
  const found = await loadModel({ ...options, device: 'auto' });
  const asked = loadModel({ ...options, device: 'cuda' }).then(
    ({ device }) => device,
    () => 'refused',
  );
  expect(await asked).toBe(found.device === 'cuda' ? 'cuda' : 'refused');
}, 60_000);

it('decodes in a process a core that inference leaves; on a GPU in all of them', () => {
  const cores = availableParallelism();
  const options = readOptions({ TIERWATCH_ENDPOINT_THREADS: '1' });
  const given = readOptions({ TIERWATCH_ENDPOINT_DECODERS: '7' });
  expect([
    decodersOf(options, 'cpu'),
    decodersOf(options, 'cuda'),
    decodersOf(given, 'cpu'),
  ]).toEqual([Math.max(1, cores - 1), cores, 7]);
});

it('runs a GPU with few counts of pictures: from one up to a whole batch, each four times the one before', () => {
  expect([1, 4, 10, 16, 64].map(countsOnGpu)).toEqual([
    [1],
    [1, 4],
    [1, 4, 10],
    [1, 4, 16],
    [1, 4, 16, 64],
  ]);
});

it('takes half precision on a GPU where its accuracy is proven, else single, and eight bits never by choice', () => {
  const bundle = (variants: readonly string[], fp16Loss: number) =>
    ({
      files: variants.map((variant) => ({ variant })),
      accuracy: ['fp16', 'int8'].map((variant) => ({
        variant,
        className: 'all',
        loss: { ap50: variant === 'fp16' ? fp16Loss : 0 },
      })),
    }) as unknown as Pick<Manifest, 'files' | 'accuracy'>;
  expect(chooseGpuVariant(bundle(['int8', 'fp16', 'fp32'], 0.001))).toBe('fp16');
  expect(chooseGpuVariant(bundle(['int8', 'fp16', 'fp32'], 0.02))).toBe('fp32');
  expect(chooseGpuVariant(bundle(['int8', 'fp32'], 0))).toBe('fp32');
  expect(chooseGpuVariant(bundle(['int8'], 0))).toBe('int8');
});
