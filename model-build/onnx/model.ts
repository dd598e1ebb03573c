import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import protobuf from 'protobufjs';
import { ModelImportError } from '../errors';

export interface OnnxAttribute {
  name: string;
  f?: number;
  i?: number;
  s?: Uint8Array;
  t?: OnnxTensor;
  /** A subgraph's bytes. */
  g?: Uint8Array;
  floats?: number[];
  ints?: number[];
  type: number;
}

export interface OnnxNode {
  name: string;
  opType: string;
  domain?: string;
  input: string[];
  output: string[];
  attribute: OnnxAttribute[];
}

export interface OnnxTensor {
  name: string;
  dims: number[];
  dataType: number;
  rawData?: Uint8Array;
  floatData?: number[];
  int32Data?: number[];
  int64Data?: number[];
  /** 1: in another file. */
  dataLocation?: number;
}

export interface OnnxValue {
  name: string;
  /** Absent: the runtime infers it. */
  type?: {
    tensorType: {
      elemType: number;
      shape: { dim: { dimValue?: number; dimParam?: string }[] };
    };
  };
}

export interface OnnxGraph {
  name: string;
  node: OnnxNode[];
  initializer: OnnxTensor[];
  input: OnnxValue[];
  output: OnnxValue[];
  sparseInitializer?: Uint8Array[];
}

export interface OnnxModel {
  irVersion: number;
  producerName: string;
  producerVersion: string;
  graph: OnnxGraph;
  opsetImport: { domain: string; version: number }[];
  functions?: Uint8Array[];
}

/** Element types of the format. */
export const FLOAT = 1;
export const UINT8 = 2;
export const INT64 = 7;

function modelType(): protobuf.Type {
  const proto = readFileSync(join(__dirname, 'onnx.proto'), 'utf8');
  return protobuf.parse(proto, { keepCase: false }).root.lookupType('onnx.ModelProto');
}

/** @throws {ModelImportError} where the bytes are not an ONNX model with a graph */
export function decodeModel(file: string, bytes: Uint8Array): OnnxModel {
  const type = modelType();
  try {
    const model = type.toObject(type.decode(bytes), { longs: Number, arrays: true }) as OnnxModel;
    if (model.graph?.node?.length > 0 && model.opsetImport.length > 0) return model;
  } catch (cause) {
    throw new ModelImportError(
      'not-onnx',
      `"${file}": expected an ONNX model, found bytes that do not parse as one; export the weights to .onnx first`,
      cause,
    );
  }
  throw new ModelImportError(
    'not-onnx',
    `"${file}": expected an ONNX model, found no graph in it; export the weights to .onnx first`,
  );
}

/** The same model gives the same bytes. */
export function encodeModel(model: OnnxModel): Uint8Array {
  const type = modelType();
  return type.encode(type.fromObject(model)).finish();
}

export function floatsOf(tensor: OnnxTensor): Float32Array {
  if (tensor.rawData && tensor.rawData.length > 0)
    return new Float32Array(tensor.rawData.slice().buffer);
  return Float32Array.from(tensor.floatData ?? []);
}

export function integersOf(tensor: OnnxTensor): number[] {
  if (tensor.rawData && tensor.rawData.length > 0) {
    return [...new BigInt64Array(tensor.rawData.slice().buffer)].map(Number);
  }
  return [...(tensor.int64Data ?? [])];
}

export function floatTensor(name: string, dims: number[], values: Float32Array): OnnxTensor {
  return { name, dims, dataType: FLOAT, rawData: new Uint8Array(values.slice().buffer) };
}

export function integerTensor(name: string, dims: number[], values: readonly number[]): OnnxTensor {
  const rawData = new Uint8Array(BigInt64Array.from(values.map(BigInt)).buffer);
  return { name, dims, dataType: INT64, rawData };
}

export function value(
  name: string,
  elemType: number,
  dims: readonly (number | string)[],
): OnnxValue {
  const dim = dims.map((size) =>
    typeof size === 'number' ? { dimValue: size } : { dimParam: size },
  );
  return { name, type: { tensorType: { elemType, shape: { dim } } } };
}

type AttributeValue = number | readonly number[] | { readonly float: number };

/** Builds a node; integer attributes as numbers, lists of them as arrays. */
export function node(
  opType: string,
  input: string[],
  output: string[],
  attributes: Readonly<Record<string, AttributeValue>> = {},
): OnnxNode {
  const attribute = Object.entries(attributes).map(([name, given]): OnnxAttribute => {
    if (typeof given === 'number') return { name, i: given, type: 2 };
    return 'float' in given
      ? { name, f: given.float, type: 1 }
      : { name, ints: [...given], type: 7 };
  });
  return { name: `tierwatch/${output[0]}`, opType, input, output, attribute };
}

export function integersAttribute(of: OnnxNode, name: string): number[] | undefined {
  return of.attribute.find((attribute) => attribute.name === name)?.ints;
}
