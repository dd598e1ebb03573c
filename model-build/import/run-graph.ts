import type { InferenceSession, Tensor } from 'onnxruntime-node';
import { ort } from '../../adapters/onnx/runtime';
import { ModelImportError } from '../errors';
import { FLOAT, type OnnxModel, type OnnxValue, value } from '../onnx/model';
import { dimsOf, type ImportShape } from './family';

/** The outputs with their sizes at a shape, by a run where the export leaves some open. @throws {ModelImportError} */
export async function knownOutputs(
  file: string,
  bytes: Uint8Array,
  { model, shape }: { readonly model: OnnxModel; readonly shape: ImportShape },
): Promise<OnnxValue[]> {
  const { output: outputs } = model.graph;
  if (outputs.every((one) => dimsOf(one).length > 0 && !dimsOf(one).slice(1).includes(0)))
    return outputs;
  const session = await openGraph(file, bytes, 'the graph');
  try {
    const { heightPx, widthPx } = shape;
    const planes = new ort.Tensor('float32', new Float32Array(3 * heightPx * widthPx), [
      ...[1, 3, heightPx, widthPx],
    ]);
    const answers = await runGraph(file, session, { [session.inputNames[0]!]: planes });
    return outputs.map(({ name, type }) =>
      value(name, type?.tensorType.elemType ?? FLOAT, answers[name]!.dims),
    );
  } finally {
    await session.release();
  }
}

/** @throws {ModelImportError} where ONNX Runtime does not take the graph */
export async function openGraph(
  file: string,
  bytes: Uint8Array,
  what: string,
): Promise<InferenceSession> {
  try {
    return await ort.InferenceSession.create(bytes, { intraOpNumThreads: 1, logSeverityLevel: 4 });
  } catch (cause) {
    throw refusedByRuntime(file, what, cause);
  }
}

export async function runGraph(
  file: string,
  session: InferenceSession,
  feeds: Record<string, Tensor>,
): Promise<Readonly<Record<string, Tensor>>> {
  try {
    return await session.run(feeds);
  } catch (cause) {
    throw refusedByRuntime(file, 'the graph at this shape', cause);
  }
}

function refusedByRuntime(file: string, what: string, cause: unknown): ModelImportError {
  const said = (cause instanceof Error ? cause.message : String(cause))
    .split('\n')[0]!
    .slice(0, 300);
  return new ModelImportError(
    'unknown-operator',
    `"${file}": expected ${what} to run in ONNX Runtime, found: ${said}; export with opset 17 and static shapes`,
    cause,
  );
}
