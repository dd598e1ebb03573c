import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

// ONNX Runtime 1.29 and later reports usage over the network unless this is set before it loads.
process.env.ORT_DISABLE_TELEMETRY = '1';

/** ONNX Runtime, loaded with its telemetry off. */
export const ort: typeof import('onnxruntime-node') = require('onnxruntime-node');

/**
 * Whether ONNX Runtime's CUDA provider lies beside it, where it is put by the image: asked for one that does not, it
 * prints an error of its own before it throws.
 */
export function hasCudaProvider(): boolean {
  const platform = join('bin', 'napi-v6', process.platform, process.arch);
  const provider = join(platform, 'libonnxruntime_providers_cuda.so');
  return existsSync(join(dirname(require.resolve('onnxruntime-node')), '..', provider));
}
