import * as z from 'zod';
import { detectionSchema } from './detection';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const sidePx = z.number().int().min(32).max(4096);
const fileName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/);
const variant = z.enum(['fp32', 'int8', 'fp16']);

/** CPU features that decide which variant is faster, by their names in /proc/cpuinfo. */
export const CPU_FEATURES = [
  'avx2',
  'avx512f',
  'avx512_vnni',
  'avx_vnni',
  'asimddp',
  'i8mm',
] as const;
export const cpuFeatureSchema = z.enum(CPU_FEATURES);
export type CpuFeature = z.infer<typeof cpuFeatureSchema>;

const graphFileSchema = z.strictObject({
  variant,
  heightPx: sidePx,
  widthPx: sidePx,
  file: fileName,
  sha256,
  bytes: z.number().int().positive(),
});

const benchmarkSchema = z.strictObject({
  cpuFeatures: z.array(cpuFeatureSchema),
  runtime: z.string().describe('ONNX Runtime and its version'),
  measuredAt: z.iso.date(),
  rows: z.array(
    z.strictObject({
      variant,
      heightPx: sidePx,
      widthPx: sidePx,
      batch: z.number().int().min(1).max(64),
      msPerFrame: z.number().positive().describe('Process CPU (ms), one thread'),
      sessionMs: z.number().min(0),
    }),
  ),
});

const accuracySchema = z.strictObject({
  dataSet: z.string(),
  variant,
  heightPx: sidePx,
  widthPx: sidePx,
  className: z.string().describe('all: the mean of the classes'),
  ap50: z.number().min(0).max(1),
  interval: z.tuple([z.number(), z.number()]).describe('95 % bootstrap interval of ap50'),
  pictures: z.number().int().min(1),
  loss: z
    .strictObject({
      ap50: z.number().describe("fp32's AP50 at the same shape less this variant's, 0-1"),
      interval: z.tuple([z.number(), z.number()]).describe('95 % paired bootstrap interval'),
    })
    .optional()
    .describe('Absent for fp32 itself'),
});

/** manifest.json of a model bundle; the graph's contract is in docs/models.md. */
export const manifestSchema = z.strictObject({
  schemaVersion: z.literal(1),
  name: z.string().regex(/^[a-z0-9][a-z0-9.-]{0,62}$/),
  version: z.string().min(1).max(32),
  grade: z
    .enum(['demo', 'production'])
    .describe('demo: made for simulated footage, not for cameras'),
  family: z.string(),
  classes: z.array(z.string().min(1)).min(1).max(1000),
  licence: z.string().min(1),
  source: z.strictObject({ url: z.string().min(1), sha256 }),
  letterbox: z.strictObject({
    fill: z.number().int().min(0).max(255),
    align: z.literal('top-left'),
  }),
  nms: z
    .strictObject({
      iouThreshold: z
        .number()
        .min(0)
        .max(1)
        .describe(
          'Of boxes of a class that overlap more (intersection over union) the surest stays',
        ),
    })
    .nullable()
    .describe('null: the graph gives each thing one box'),
  maxDetections: z.number().int().min(1).max(1000),
  files: z.array(graphFileSchema).min(1),
  benchmarks: z.array(benchmarkSchema),
  choice: z
    .array(z.strictObject({ cpuFeatures: z.array(cpuFeatureSchema), variant }))
    .describe('First rule whose features the CPU has; made by benchmark'),
  accuracy: z.array(accuracySchema),
  checks: z.array(
    z.strictObject({ image: fileName, sha256, detections: z.array(detectionSchema) }),
  ),
});
export type Manifest = z.infer<typeof manifestSchema>;
export type Variant = z.infer<typeof variant>;
export type GraphFile = z.infer<typeof graphFileSchema>;

/** A variant may lose so much AP50 (0-1, mean of the classes) against fp32 and still be chosen. */
export const LARGEST_LOSS = 0.01;

/** Variants that may be chosen at all: fp32, and those whose measured loss is small at every shape. */
export function admissibleVariants({
  files,
  accuracy,
}: Pick<Manifest, 'files' | 'accuracy'>): Variant[] {
  const variants = [...new Set(files.map((file) => file.variant))];
  if (!variants.includes('fp32')) return variants;
  return variants.filter((one) => {
    if (one === 'fp32') return true;
    const rows = accuracy.filter((row) => row.variant === one && row.className === 'all');
    return rows.length > 0 && rows.every(({ loss }) => loss && loss.ap50 <= LARGEST_LOSS);
  });
}

/** Of some variants those for a CPU: half precision is for GPUs, unless there is nothing else. */
export function cpuVariants(variants: readonly Variant[]): Variant[] {
  const own = variants.filter((one) => one !== 'fp16');
  return own.length > 0 ? own : [...variants];
}

/** The variant that was proven fastest on a CPU with these features; null where none was measured. */
export function chooseVariant(
  { choice, files }: Pick<Manifest, 'choice' | 'files'>,
  features: readonly CpuFeature[],
): Variant | null {
  const variants = new Set(cpuVariants(files.map((file) => file.variant)));
  const [first] = variants;
  if (variants.size === 1) return first!;
  const rule = choice.find(({ cpuFeatures }) => cpuFeatures.every((one) => features.includes(one)));
  return rule && variants.has(rule.variant) ? rule.variant : null;
}

/** Where a model infers. */
export type Device = 'cpu' | 'cuda';

/** The variant for a GPU: half precision where its accuracy is proven, else single; eight bits are for CPUs. */
export function chooseGpuVariant(manifest: Pick<Manifest, 'files' | 'accuracy'>): Variant {
  const proven = admissibleVariants(manifest);
  return (['fp16', 'fp32'] as const).find((one) => proven.includes(one)) ?? proven[0]!;
}

/** The bundle's shape that shows a picture largest for its area; ties go to the first in the manifest. */
export function chooseShape<Shape extends { readonly widthPx: number; readonly heightPx: number }>(
  files: readonly Shape[],
  picture: { readonly widthPx: number; readonly heightPx: number },
): Shape {
  const filled = ({ widthPx, heightPx }: Shape): number => {
    const ratio = Math.min(widthPx / picture.widthPx, heightPx / picture.heightPx);
    return (ratio * picture.widthPx * ratio * picture.heightPx) / (widthPx * heightPx);
  };
  return files.reduce((best, file) => (filled(file) > filled(best) + 1e-9 ? file : best));
}
