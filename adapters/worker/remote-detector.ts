import { TierwatchError } from '../../core/errors';
import { chooseShape } from '../../core/manifest';
import type { Detector, ModelInput, RawDetections } from '../../core/ports';
import type { InferRequest, RemoteModel, WireError, WorkerRequest } from './job';
import { PixelWriter } from './pixel-file';

/** The parent could not infer. */
export class RemoteInferenceError extends TierwatchError {
  override readonly name = 'RemoteInferenceError';
  constructor({ code, message, retryable }: WireError) {
    super(message, { code, retryable });
  }
}

interface Waiting {
  readonly resolve: (detections: readonly RawDetections[]) => void;
  readonly reject: (error: Error) => void;
}

const pixelFile = new PixelWriter();
const waiting = new Map<number, Waiting>();
let lastNumber = 0;

/** Takes in what the parent has inferred. @returns whether the message was such an answer */
export function takeInferred(message: WorkerRequest): boolean {
  if (!('inferred' in message)) return false;
  const one = waiting.get(message.inferred);
  waiting.delete(message.inferred);
  if (one) pixelFile.release();
  if ('error' in message) one?.reject(new RemoteInferenceError(message.error));
  else one?.resolve(message.detections);
  return true;
}

/** A detector whose pictures the parent infers, together with those of its other children. */
export class RemoteDetector implements Detector {
  readonly model: string;
  readonly modelSha256: string;
  readonly grade: string;
  readonly classes: readonly string[];
  readonly nms: RemoteModel['nms'];
  readonly maxBatch: number;
  private readonly inputs: readonly ModelInput[];

  constructor(
    facts: RemoteModel,
    private readonly ask: (request: InferRequest) => void,
  ) {
    this.model = facts.model;
    this.modelSha256 = facts.modelSha256;
    this.grade = facts.grade;
    this.classes = facts.classes;
    this.nms = facts.nms;
    this.maxBatch = facts.maxBatch;
    this.inputs = facts.inputs;
  }

  /** @throws {RemoteInferenceError} for a size that the model lacks */
  inputFor(widthPx: number, heightPx: number, inputSize: string): ModelInput {
    if (inputSize === 'auto') return chooseShape(this.inputs, { widthPx, heightPx });
    const wanted = this.inputs.find((one) => `${one.heightPx}x${one.widthPx}` === inputSize);
    if (wanted) return wanted;
    const held = this.inputs.map((one) => `${one.heightPx}x${one.widthPx}`).join(', ');
    throw new RemoteInferenceError({
      name: 'RemoteInferenceError',
      message: `"${this.model}": expected inputSize ${held}, found ${inputSize}; change the tier's inputSize or import that shape`,
      code: 'model-bundle',
      retryable: false,
    });
  }

  infer(pixels: Uint8Array, count: number, input: ModelInput): Promise<readonly RawDetections[]> {
    const number = ++lastNumber;
    return new Promise((resolve, reject) => {
      waiting.set(number, { resolve, reject });
      const bytes = count * input.heightPx * input.widthPx * 3;
      const position = pixelFile.write(pixels.subarray(0, bytes));
      this.ask({ number, file: pixelFile.file, position, count, input });
    });
  }
}
