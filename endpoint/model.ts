import { readBundle } from '../adapters/onnx/bundle';
import { OnnxDetector } from '../adapters/onnx/onnx-detector';
import { hasCudaProvider } from '../adapters/onnx/runtime';
import type { RemoteModel } from '../adapters/worker/job';
import type { Device } from '../core/manifest';
import type { ModelInput } from '../core/ports';

export interface ServedModel {
  readonly detector: OnnxDetector;
  readonly device: Device;
  /** What the decoders are told of it. */
  readonly facts: RemoteModel;
}

export interface ModelOptions {
  readonly folder: string;
  /** Threads of one inference on the CPU. */
  readonly threads: number;
  /** auto: CUDA where it can be had, otherwise the CPU. */
  readonly device: 'auto' | Device;
  /** Frames a batch at most. @default what is fastest on the device */
  readonly maxBatch: number | undefined;
  /** Hears why `auto` infers on the CPU although CUDA's provider is there. */
  readonly onFallback?: (reason: string) => void;
}

/** CPU of a frame on a Xeon by frames a batch: 1 2.2 ms, 4 2.0 ms, 16 2.2 ms. */
const MAX_BATCH: Readonly<Record<Device, number>> = { cpu: 4, cuda: 16 };
/** Frames that a decoder hands over at once: each time costs both sides a message, an answer and a wake-up. */
const HANDED_OVER = 16;

/** Loads a bundle and runs each of its shapes: `/ping` is true from then on. @throws {ModelBundleError} */
export async function loadModel(options: ModelOptions): Promise<ServedModel> {
  const { device, onFallback } = options;
  if (device !== 'auto') return loadOn(device, options);
  if (!hasCudaProvider()) return loadOn('cpu', options);
  try {
    return await loadOn('cuda', options);
  } catch (error) {
    // A provider without a GPU or its driver; what is wrong with the bundle itself the CPU says as well.
    onFallback?.(reasonOf(error));
    return loadOn('cpu', options);
  }
}

/** The innermost cause: what the runtime or the driver said. */
function reasonOf(error: unknown): string {
  return error instanceof Error && error.cause ? reasonOf(error.cause) : String(error);
}

async function loadOn(
  device: Device,
  { folder, threads, maxBatch = MAX_BATCH[device] }: ModelOptions,
): Promise<ServedModel> {
  const detector = await OnnxDetector.load(folder, { intraOpThreads: threads, device, maxBatch });
  const { name, version, files, letterbox, classes, nms, grade } = readBundle(folder).manifest;
  const inputs = files
    .filter(({ variant }) => variant === detector.variant)
    .map(({ heightPx, widthPx }) => ({ heightPx, widthPx, fill: letterbox.fill }));
  for (const input of inputs) await warmUp(detector, input);
  return {
    detector,
    device,
    facts: {
      model: `${name}@${version}`,
      modelSha256: detector.modelSha256,
      grade,
      classes,
      nms,
      maxBatch: Math.min(maxBatch, HANDED_OVER),
      inputs,
    },
  };
}

/** Every count of pictures that it will be run with; a batch that memory has no room for is for the batcher to halve. */
async function warmUp(detector: OnnxDetector, input: ModelInput): Promise<void> {
  await detector.warm(input);
  try {
    for (const count of detector.counts) await detector.warm(input, count);
  } catch (error) {
    if (!isOutOfMemory(error)) throw error;
  }
}

/** ONNX Runtime and CUDA say so in words alone. */
export function isOutOfMemory(error: unknown): boolean {
  return /out of memory|failed to allocate|bad_alloc|CUDA_ERROR_OUT_OF_MEMORY/i.test(String(error));
}
