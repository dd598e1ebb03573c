import type { InferenceSession } from 'onnxruntime-node';
import type { AnalysisSettings } from '../../core/camera-settings';
import {
  admissibleVariants,
  chooseGpuVariant,
  chooseShape,
  chooseVariant,
  cpuVariants,
  type Device,
  type GraphFile,
  type Variant,
} from '../../core/manifest';
import type { Detector, ModelInput, RawDetections } from '../../core/ports';
import { type ModelBundle, readBundle, readGraph } from './bundle';
import { readCpuFeatures } from './cpu-features';
import { ModelBundleError } from './errors';
import { ort } from './runtime';

export interface DetectorOptions {
  /** Threads inside one inference. @default 1: one child process a core */
  readonly intraOpThreads?: number;
  /** Where it infers; what CUDA lacks runs on the CPU. @default cpu */
  readonly device?: Device;
  /** Pictures a run. @default 4 */
  readonly maxBatch?: number;
  /** Takes this variant instead of the manifest's choice. */
  readonly variant?: Variant;
  /** Hears how the variant was chosen. */
  readonly onChoice?: (sentence: string) => void;
}

/** Runs a model bundle; one session a shape, created when first asked for. */
export class OnnxDetector implements Detector {
  readonly model: string;
  readonly modelSha256: string;
  readonly classes: readonly string[];
  readonly nms: { readonly iouThreshold: number } | null;
  readonly grade: string;
  readonly maxBatch: number;
  /** Pictures that a run may have, fewer are padded; empty where any count does. */
  readonly counts: readonly number[];
  private readonly sessions = new Map<string, Promise<InferenceSession>>();

  private constructor(
    private readonly bundle: ModelBundle,
    readonly variant: Variant,
    private readonly options: DetectorOptions,
  ) {
    const { manifest } = bundle;
    this.model = `${manifest.name}@${manifest.version}`;
    this.modelSha256 = bundle.sha256;
    this.classes = manifest.classes;
    this.nms = manifest.nms;
    this.grade = manifest.grade;
    this.maxBatch = options.maxBatch ?? 4;
    this.counts = options.device === 'cuda' ? countsOnGpu(this.maxBatch) : [];
  }

  /** @throws {ModelBundleError} */
  static async load(folder: string, options: DetectorOptions = {}): Promise<OnnxDetector> {
    const bundle = readBundle(folder);
    return new OnnxDetector(bundle, await variantFor(bundle, options), options);
  }

  inputFor(
    widthPx: number,
    heightPx: number,
    inputSize: AnalysisSettings['inputSize'],
  ): ModelInput {
    const { letterbox, files, name } = this.bundle.manifest;
    const candidates = files.filter((file) => file.variant === this.variant);
    const { fill } = letterbox;
    if (inputSize === 'auto') {
      const chosen = chooseShape(candidates, { widthPx, heightPx });
      return { heightPx: chosen.heightPx, widthPx: chosen.widthPx, fill };
    }
    const wanted = candidates.find((file) => `${file.heightPx}x${file.widthPx}` === inputSize);
    if (wanted) return { heightPx: wanted.heightPx, widthPx: wanted.widthPx, fill };
    const held = candidates.map((file) => `${file.heightPx}x${file.widthPx}`).join(', ');
    throw new ModelBundleError(
      `"${name}": expected inputSize ${held}, found ${inputSize}; change the tier's inputSize or import that shape`,
    );
  }

  async infer(
    pixels: Uint8Array,
    count: number,
    input: ModelInput,
  ): Promise<readonly RawDetections[]> {
    const session = await this.sessionOf(input);
    const { heightPx, widthPx } = input;
    const run = this.counts.find((one) => one >= count) ?? count;
    const padded = run === count ? pixels : new Uint8Array(run * heightPx * widthPx * 3);
    if (padded !== pixels) padded.set(pixels);
    const images = new ort.Tensor('uint8', padded, [run, heightPx, widthPx, 3]);
    const { boxes, confidences, classIndexes } = await session.run({ images });
    const kept = confidences!.dims[1]!;
    const boxData = boxes!.data as Float32Array;
    const confidenceData = confidences!.data as Float32Array;
    const classData = classIndexes!.data as BigInt64Array;
    return Array.from({ length: count }, (_, index) => ({
      boxes: boxData.subarray(index * kept * 4, (index + 1) * kept * 4),
      confidences: confidenceData.subarray(index * kept, (index + 1) * kept),
      classIndexes: Int32Array.from(classData.subarray(index * kept, (index + 1) * kept), Number),
    }));
  }

  /** Creates the session for an input. */
  async open(input: ModelInput): Promise<void> {
    await this.sessionOf(input);
  }

  /** Creates the session for an input and runs so many pictures once, so that the first segment finds it warm. */
  async warm(input: ModelInput, count = 1): Promise<void> {
    await this.infer(new Uint8Array(count * input.heightPx * input.widthPx * 3), count, input);
  }

  private sessionOf({ heightPx, widthPx }: ModelInput): Promise<InferenceSession> {
    const key = `${heightPx}x${widthPx}`;
    const known = this.sessions.get(key);
    if (known) return known;
    const file = this.bundle.manifest.files.find(
      (one) => one.variant === this.variant && one.heightPx === heightPx && one.widthPx === widthPx,
    );
    if (!file)
      throw new ModelBundleError(`"${this.model}": expected a graph for ${key}, found none`);
    const session = createSession(this.bundle, file, this.options);
    this.sessions.set(key, session);
    return session;
  }
}

/**
 * 1, 4, 16 and so on, up to a batch. CUDA's provider searches for the fastest algorithms anew at every count of pictures: 0.4–10 s
 * each on an H200, against 4 ms of a run, and four pictures take little longer than one. docs/benchmarks.md
 */
export function countsOnGpu(maxBatch: number): number[] {
  const counts: number[] = [];
  for (let count = 1; count < maxBatch; count *= 4) counts.push(count);
  return [...counts, maxBatch];
}

/** @throws {ModelBundleError} where the runtime refuses the graph */
export async function createSession(
  bundle: ModelBundle,
  file: GraphFile,
  { intraOpThreads = 1, device = 'cpu' }: DetectorOptions,
): Promise<InferenceSession> {
  const graph = readGraph(bundle, file);
  try {
    return await ort.InferenceSession.create(graph, {
      intraOpNumThreads: intraOpThreads,
      interOpNumThreads: 1,
      executionProviders: device === 'cuda' ? ['cuda', 'cpu'] : ['cpu'],
      executionMode: 'sequential',
      // Spinning for more work, two threads took two thirds more CPU, and no less time (docs/benchmarks.md).
      extra: { session: { intra_op: { allow_spinning: '0' } } },
      // A warning at each start says that CUDA leaves shapes to the CPU.
      ...(device === 'cuda' ? { logSeverityLevel: 3 as const } : {}),
    });
  } catch (cause) {
    const what =
      device === 'cuda'
        ? 'CUDA can’t be had for it; see "Image" in docs/endpoint.md for the driver that it needs'
        : 'ONNX Runtime refuses the graph; make the bundle again';
    throw new ModelBundleError(`"${file.file}": ${what}`, cause);
  }
}

async function variantFor(bundle: ModelBundle, options: DetectorOptions): Promise<Variant> {
  const { manifest } = bundle;
  if (options.device === 'cuda' && !options.variant) {
    const onGpu = chooseGpuVariant(manifest);
    options.onChoice?.(`${manifest.name}: ${onGpu}, for a GPU`);
    return onGpu;
  }
  const features = readCpuFeatures();
  const chosen = options.variant ?? chooseVariant(manifest, features);
  if (chosen) {
    options.onChoice?.(
      `${manifest.name}: ${chosen}, by the manifest for ${features.join(' ') || 'this CPU'}`,
    );
    return chosen;
  }
  const timed = await timeVariants(bundle, options);
  const [fastest] = [...timed].sort((a, b) => a.ms - b.ms);
  const list = timed.map(({ variant, ms }) => `${variant} ${ms.toFixed(1)} ms`).join(', ');
  options.onChoice?.(`${manifest.name}: ${fastest!.variant}, timed here on 5 frames (${list})`);
  return fastest!.variant;
}

/** Times each variant for a CPU whose accuracy is proven at its first shape: CPU ms a frame, best of 5 after one run to warm up. */
async function timeVariants(
  bundle: ModelBundle,
  options: DetectorOptions,
): Promise<{ variant: Variant; ms: number }[]> {
  const variants = cpuVariants(admissibleVariants(bundle.manifest));
  const timed: { variant: Variant; ms: number }[] = [];
  for (const variant of variants) {
    const file = bundle.manifest.files.find((one) => one.variant === variant)!;
    const session = await createSession(bundle, file, options);
    const pixels = new Uint8Array(file.heightPx * file.widthPx * 3).fill(114);
    const images = new ort.Tensor('uint8', pixels, [1, file.heightPx, file.widthPx, 3]);
    const costs: number[] = [];
    for (let run = 0; run < 6; run++) {
      const before = process.cpuUsage();
      await session.run({ images });
      const { user, system } = process.cpuUsage(before);
      if (run > 0) costs.push((user + system) / 1000);
    }
    timed.push({ variant, ms: Math.min(...costs) });
    await session.release();
  }
  return timed;
}
