import { ModelImportError } from '../errors';
import {
  integerTensor,
  type OnnxAttribute,
  type OnnxGraph,
  type OnnxModel,
  type OnnxNode,
  type OnnxValue,
} from '../onnx/model';

const LEAST_OPSET = 17;
const OLDEST_OPSET = 11;
const NEWEST_OPSET = 22;

/** Operators that opset 12 to 17 gave another meaning, and that are not brought forward here. */
const CHANGED_BEFORE_17 = new Set(['Dropout', 'Hardmax', 'RoiAlign', 'Scatter', 'Upsample']);
/** Operators whose attribute became an input with opset 13. */
const ATTRIBUTE_TO_INPUT: Readonly<Record<string, string>> = {
  Squeeze: 'axes',
  Unsqueeze: 'axes',
  ReduceSum: 'axes',
  Split: 'split',
};
const EXTERNAL = 1;
const BESIDE = 'exported/';
const CONTRACT_NAMES = new Set(['images', 'boxes', 'confidences', 'classIndexes']);

/** @returns the version of ONNX's own operators @throws {ModelImportError} where it is not known here */
export function requireKnownOpset(file: string, model: OnnxModel): number {
  const version = model.opsetImport.find(({ domain }) => isOwn(domain))?.version ?? 0;
  const foreign = model.graph.node.find(({ domain }) => domain && !isOwn(domain));
  if (foreign) {
    throw new ModelImportError(
      'unknown-operator',
      `"${file}": expected ONNX's own operators, found ${foreign.opType} ("${foreign.name}") of domain "${foreign.domain}"; export without custom operators`,
    );
  }
  if (version >= OLDEST_OPSET && version <= NEWEST_OPSET) return version;
  throw new ModelImportError(
    'unknown-opset',
    `"${file}": expected opset ${OLDEST_OPSET} to ${NEWEST_OPSET}, found ${version}; export with opset ${LEAST_OPSET}`,
  );
}

/** @throws {ModelImportError} where the file holds what a rewritten graph would lose */
export function requireWhole(file: string, { graph, functions }: OnnxModel): void {
  const refuse = (found: string, todo: string): never => {
    throw new ModelImportError(
      'unknown-operator',
      `"${file}": expected one flat graph with its weights inside, found ${found}; ${todo}`,
    );
  };
  const nested = graph.node.find(({ attribute }) => attribute.some(({ g }) => g && g.length > 0));
  if (nested) {
    const todo = 'export without loops and conditions, and without post-processing';
    refuse(`${nested.opType} ("${nested.name}") with a graph of its own`, todo);
  }
  const outside = graph.initializer.find(({ dataLocation }) => dataLocation === EXTERNAL);
  if (outside) refuse(`"${outside.name}" in another file`, 'save the model as one file');
  if (functions?.length) refuse('functions', 'export with its functions inlined');
  if (graph.sparseInitializer?.length) refuse('sparse weights', 'export dense weights');
}

/**
 * A copy of the model that may be rewritten: constants are initializers, and the opset is 17 or, where the
 * export's is later, the export's.
 * @throws {ModelImportError} where an operator changed its meaning on the way
 */
export function raiseOpset(file: string, model: OnnxModel): { graph: OnnxGraph; opset: number } {
  const version = requireKnownOpset(file, model);
  requireWhole(file, model);
  const graph = structuredClone(model.graph);
  graph.input = structuredClone(picturesOf(model));
  inlineConstants(graph);
  freeContractNames(graph);
  if (version < LEAST_OPSET) for (const one of graph.node) raiseNode(file, graph, one, version);
  return { graph, opset: Math.max(version, LEAST_OPSET) };
}

/** What a tensor of the export is called beside the contract's own. */
export function besideContract(name: string): string {
  return CONTRACT_NAMES.has(name) ? BESIDE + name : name;
}

/** What the export itself calls a tensor. */
export function exportedName(name: string): string {
  return name.startsWith(BESIDE) ? name.slice(BESIDE.length) : name;
}

function freeContractNames(graph: OnnxGraph): void {
  for (const one of graph.node) {
    one.input = one.input.map(besideContract);
    one.output = one.output.map(besideContract);
  }
  for (const one of [...graph.input, ...graph.output, ...graph.initializer])
    one.name = besideContract(one.name);
}

/** A graph's inputs without its weights, which old exports list among them. */
export function picturesOf({ graph }: OnnxModel): OnnxValue[] {
  const weights = new Set(graph.initializer.map(({ name }) => name));
  return graph.input.filter(({ name }) => !weights.has(name));
}

function raiseNode(file: string, graph: OnnxGraph, node: OnnxNode, version: number): void {
  if (CHANGED_BEFORE_17.has(node.opType)) {
    throw new ModelImportError(
      'unknown-operator',
      `"${file}": operator ${node.opType} ("${node.name}") changed between opset ${version} and ${LEAST_OPSET}; export with opset ${LEAST_OPSET}`,
    );
  }
  if (version >= 13) return;
  const moved = ATTRIBUTE_TO_INPUT[node.opType];
  if (moved) attributeToInput(graph, node, moved);
  // Before 13 these flattened all axes from theirs on: the proof tells whether that was the last.
  if (/^(Log)?Softmax$/.test(node.opType) && !attributeOf(node, 'axis'))
    node.attribute.push({ name: 'axis', i: 1, type: 2 });
}

function attributeToInput(graph: OnnxGraph, node: OnnxNode, name: string): void {
  const given = attributeOf(node, name);
  node.attribute = node.attribute.filter((one) => one !== given);
  if (!given?.ints) return;
  const tensor = `${node.output[0]}/${name}`;
  graph.initializer.push(integerTensor(tensor, [given.ints.length], given.ints));
  node.input = [node.input[0]!, tensor];
}

/** Constant nodes become initializers; a tensor that is only another name of one, that one. */
function inlineConstants(graph: OnnxGraph): void {
  const names = new Set(graph.initializer.map(({ name }) => name));
  const outputs = new Set(graph.output.map(({ name }) => name));
  const renamed = new Map<string, string>();
  graph.node = graph.node.filter((one) => {
    one.input = one.input.map((tensor) => renamed.get(tensor) ?? tensor);
    const [output, source] = [one.output[0]!, one.input[0]!];
    if (outputs.has(output)) return true;
    const tensor = one.opType === 'Constant' ? attributeOf(one, 'value')?.t : undefined;
    if (tensor) {
      graph.initializer.push({ ...tensor, name: output });
      names.add(output);
      return false;
    }
    if (one.opType !== 'Identity' || !names.has(source)) return true;
    renamed.set(output, source);
    return false;
  });
}

function attributeOf(node: OnnxNode, name: string): OnnxAttribute | undefined {
  return node.attribute.find((one) => one.name === name);
}

function isOwn(domain: string | undefined): boolean {
  return !domain || domain === 'ai.onnx';
}
