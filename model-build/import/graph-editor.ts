import { ModelImportError } from '../errors';
import type { OnnxGraph, OnnxModel, OnnxNode, OnnxTensor } from '../onnx/model';

/** Operators whose meaning did not change between opset 11 and 17, so the version may be raised in place. */
const UNCHANGED_11_TO_17 = new Set([
  'Add',
  'AveragePool',
  'BatchNormalization',
  'Clip',
  'Concat',
  'Conv',
  'Div',
  'Exp',
  'Flatten',
  'Gather',
  'Gemm',
  'GlobalAveragePool',
  'Identity',
  'LeakyRelu',
  'MatMul',
  'MaxPool',
  'Mul',
  'Relu',
  'Reshape',
  'Resize',
  'Sigmoid',
  'Slice',
  'Sub',
  'Tanh',
  'Transpose',
]);
export const TARGET_OPSET = 17;

/** Looks up and rewrites a graph by the names of its tensors. */
export class GraphEditor {
  private readonly producers = new Map<string, OnnxNode>();
  private readonly constants = new Map<string, OnnxTensor>();

  constructor(
    readonly file: string,
    readonly graph: OnnxGraph,
  ) {
    for (const one of graph.node) for (const output of one.output) this.producers.set(output, one);
    for (const tensor of graph.initializer) this.constants.set(tensor.name, tensor);
  }

  /** @throws {ModelImportError} `wrong-family` where the tensor isn't made by such a node */
  producer(tensor: string, opType: string, family: string): OnnxNode {
    const found = this.producers.get(tensor);
    if (found?.opType === opType) return found;
    throw new ModelImportError(
      'wrong-family',
      `"${this.file}": expected the graph of family ${family} with ${opType} before "${tensor}", found ${found?.opType ?? 'nothing'} ("${found?.name ?? '-'}"); name the right --family`,
    );
  }

  constant(name: string): OnnxTensor | undefined {
    return this.constants.get(name);
  }

  consumers(tensor: string): OnnxNode[] {
    return this.graph.node.filter((one) => one.input.includes(tensor));
  }

  /** Replaces an initializer, keeping its name. */
  setConstant(tensor: OnnxTensor): void {
    this.constants.set(tensor.name, tensor);
  }

  /** The graph that is left when only what the outputs need is kept, in running order. */
  finish(
    added: readonly OnnxNode[],
    outputs: readonly string[],
  ): Pick<OnnxGraph, 'node' | 'initializer'> {
    const all = [...this.graph.node, ...added];
    const made = new Map(all.flatMap((one) => one.output.map((output) => [output, one] as const)));
    for (const one of added) for (const output of one.output) made.set(output, one);
    const kept = new Set<OnnxNode>();
    const used = new Set<string>();
    const ordered: OnnxNode[] = [];
    const visit = (tensor: string): void => {
      used.add(tensor);
      const source = made.get(tensor);
      if (!source || kept.has(source)) return;
      kept.add(source);
      source.input.forEach(visit);
      ordered.push(source);
    };
    outputs.forEach(visit);
    const initializer = [...this.constants.values()].filter((tensor) => used.has(tensor.name));
    return { node: ordered, initializer };
  }
}

/** @returns the version of ONNX's own operators @throws {ModelImportError} where it is not known here */
export function requireKnownOpset(file: string, model: OnnxModel): number {
  const version = model.opsetImport.find(({ domain }) => !domain)?.version ?? 0;
  const foreign = model.opsetImport.find(({ domain }) => domain && domain !== 'ai.onnx');
  if (foreign) {
    throw new ModelImportError(
      'unknown-opset',
      `"${file}": expected ONNX's own operators, found domain "${foreign.domain}"; export without custom operators`,
    );
  }
  if (version >= 11 && version <= 22) return version;
  throw new ModelImportError(
    'unknown-opset',
    `"${file}": expected opset 11 to 22, found ${version}; export with opset ${TARGET_OPSET}`,
  );
}

/** @throws {ModelImportError} where an operator changed its meaning between the model's opset and the target's */
export function requireSameOperators(file: string, model: OnnxModel): void {
  const version = requireKnownOpset(file, model);
  if (version === TARGET_OPSET) return;
  const changed = model.graph.node.find(({ opType }) => !UNCHANGED_11_TO_17.has(opType));
  if (!changed) return;
  throw new ModelImportError(
    'unknown-operator',
    `"${file}": operator ${changed.opType} ("${changed.name}") changed between opset ${version} and ${TARGET_OPSET}; export with opset ${TARGET_OPSET}`,
  );
}
