import { expect, it } from 'vitest';
import { chooseShape, chooseVariant, cpuVariants, type Variant } from '../../core/manifest';

const shape = (heightPx: number, widthPx: number) => ({ heightPx, widthPx });
const SHAPES = [shape(256, 416), shape(416, 416), shape(416, 256)];

it.each([
  [1920, 1080, '256x416'],
  [2560, 1440, '256x416'],
  [1280, 960, '256x416'],
  [1280, 1024, '416x416'],
  [600, 600, '416x416'],
  [720, 1280, '416x256'],
  [3840, 1080, '256x416'],
])('of a bundle’s three shapes a picture of %dx%d takes %s', (widthPx, heightPx, expected) => {
  const chosen = chooseShape(SHAPES, { widthPx, heightPx });
  expect(`${chosen.heightPx}x${chosen.widthPx}`).toBe(expected);
});

it('of shapes that show a picture as large for their area the first counts', () => {
  const [small, large] = [shape(192, 320), shape(384, 640)];
  const picture = { widthPx: 1280, heightPx: 768 };
  expect(chooseShape([small, large], picture)).toBe(small);
  expect(chooseShape([large, small], picture)).toBe(large);
});

it('the first rule whose features a CPU has names its variant; none, that it must be timed', () => {
  const files = (['fp32', 'int8'] as const).map((variant) => ({
    ...{ variant, ...shape(192, 320), file: `${variant}.onnx`, sha256: '0'.repeat(64), bytes: 1 },
  }));
  const choice = [
    { cpuFeatures: ['avx2', 'avx512_vnni'] as const, variant: 'int8' as const },
    { cpuFeatures: ['avx2'] as const, variant: 'fp32' as const },
  ].map((rule) => ({ ...rule, cpuFeatures: [...rule.cpuFeatures] }));
  const of = (...features: Parameters<typeof chooseVariant>[1]) =>
    chooseVariant({ files, choice }, features);
  expect([of('avx2', 'avx512f', 'avx512_vnni'), of('avx2'), of('asimddp')]).toEqual([
    'int8',
    'fp32',
    null,
  ]);
  expect(chooseVariant({ files: files.slice(1), choice }, ['avx2'])).toBe('int8');
});

it('a CPU never takes half precision, and is not timed where all else is one variant', () => {
  const of = (...variants: Variant[]) => ({
    files: variants.map((variant) => ({
      ...{ variant, ...shape(192, 320), file: `${variant}.onnx`, sha256: '0'.repeat(64), bytes: 1 },
    })),
    choice: [{ cpuFeatures: ['avx2' as const], variant: 'fp16' as const }],
  });
  expect(chooseVariant(of('fp32', 'fp16'), ['avx2'])).toBe('fp32');
  expect(chooseVariant(of('fp16', 'int8'), [])).toBe('int8');
  expect(chooseVariant(of('fp32', 'int8', 'fp16'), ['avx2'])).toBeNull();
  expect(chooseVariant(of('fp16'), [])).toBe('fp16');
  expect(cpuVariants(['fp32', 'int8', 'fp16'])).toEqual(['fp32', 'int8']);
});
