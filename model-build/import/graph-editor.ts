import { ModelImportError } from '../errors';
import {
  integerTensor,
  node,
  type OnnxGraph,
  type OnnxModel,
  type OnnxNode,
  type OnnxTensor,
} from '../onnx/model';
import { exportedName, raiseOpset } from './opset';

/** Looks up and rewrites a copy of a model's graph by the names of its tensors. */
export class GraphEditor {
  private readonly producers = new Map<string, OnnxNode>();
  private readonly constants = new Map<string, OnnxTensor>();

  readonly graph: OnnxGraph;
  /** Of the graph and of what is added to it. */
  readonly opset: number;

  /** @throws {ModelImportError} where the graph can't be brought to opset 17 */
  constructor(
    readonly file: string,
    model: OnnxModel,
  ) {
    const { graph, opset } = raiseOpset(file, model);
    this.graph = graph;
    this.opset = opset;
    for (const one of graph.node) for (const output of one.output) this.producers.set(output, one);
    for (const tensor of graph.initializer) this.constants.set(tensor.name, tensor);
  }

  /** The node that makes a tensor, if one does. */
  makerOf(tensor: string): OnnxNode | undefined {
    return this.producers.get(tensor);
  }

  /** @throws {ModelImportError} `wrong-family` where the tensor isn't made by such a node */
  producer(tensor: string, opType: string, family: string): OnnxNode {
    const found = this.producers.get(tensor);
    if (found?.opType === opType) return found;
    throw new ModelImportError(
      'wrong-family',
      `"${this.file}": expected the graph of family ${family} with ${opType} before "${exportedName(tensor)}", found ${found?.opType ?? 'nothing'} ("${found?.name ?? '-'}"); name the right --family`,
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

  /** A whole-number constant of one axis, named after what is in it; the same is kept once. @returns its name */
  integers(values: readonly number[]): string {
    const name = `tierwatch/[${values.join()}]`;
    this.setConstant(integerTensor(name, [values.length], values));
    return name;
  }

  /** The largest along one axis, which is gone; opset 18 made the axes an input. */
  largest(tensor: string, axis: number, output: string): OnnxNode {
    if (this.opset < 18)
      return node('ReduceMax', [tensor], [output], { axes: [axis], keepdims: 0 });
    return node('ReduceMax', [tensor, this.integers([axis])], [output], { keepdims: 0 });
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
