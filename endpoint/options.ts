import { availableParallelism } from 'node:os';
import * as z from 'zod';
import { MAX_PENDING } from '../core/endpoint-contract';
import { TierwatchError } from '../core/errors';
import type { Device } from '../core/manifest';
import { shapeSentence } from '../core/shape-sentence';
import { wholeText } from '../core/text-schemas';

/** An environment variable of the server has another form. */
export class EndpointOptionsError extends TierwatchError {
  override readonly name = 'EndpointOptionsError';
  constructor(problems: readonly string[]) {
    super(`the model server's environment: ${problems.join('; ')}; see docs/endpoint.md`, {
      code: 'environment',
      retryable: false,
    });
  }
}

const whole = (least: number, most: number, fallback: number) =>
  wholeText(least, most).default(fallback);
const cores = availableParallelism();

/** The server's settings: SageMaker sets the port and the model's folder, the rest is the model's environment. */
export const ENDPOINT_OPTIONS = {
  TIERWATCH_ENDPOINT_HOST: z.string().default('0.0.0.0').describe('Address to listen on'),
  SAGEMAKER_BIND_TO_PORT: whole(0, 65_535, 8080).describe('Port; 0: a free one'),
  TIERWATCH_ENDPOINT_MODEL: z
    .string()
    .default('/opt/ml/model')
    .describe('Folder of the model bundle'),
  TIERWATCH_ENDPOINT_DEVICE: z
    .enum(['auto', 'cpu', 'cuda'])
    .default('auto')
    .describe('Where it infers; auto: CUDA where it can be had'),
  TIERWATCH_ENDPOINT_MAX_BATCH: wholeText(1, 256)
    .optional()
    .describe(
      'Frames a batch at most; without it 16 on a GPU, 4 on the CPU: more no longer fit its caches',
    ),
  TIERWATCH_ENDPOINT_BATCH_WAIT_MS: whole(0, 1000, 5).describe('First frame of a batch waits (ms)'),
  TIERWATCH_ENDPOINT_DECODERS: wholeText(1, 128)
    .optional()
    .describe(
      'Child processes that decode; without it one a core, on the CPU those that inference leaves',
    ),
  TIERWATCH_ENDPOINT_THREADS: whole(1, 128, Math.max(1, Math.floor(cores / 2))).describe(
    'Threads of one inference on the CPU',
  ),
  TIERWATCH_ENDPOINT_MAX_PENDING: whole(1, 10_000, MAX_PENDING).describe(
    'Requests at once; past them 503',
  ),
  TIERWATCH_ENDPOINT_MAX_BODY_BYTES: whole(1, 1024 ** 3, 25 * 1024 ** 2).describe(
    'Body of a request (bytes); SageMaker takes 25 MB, an asynchronous endpoint 1 GB',
  ),
  TIERWATCH_ENDPOINT_DEADLINE_SECONDS: whole(1, 3600, 60).describe(
    'A decoder that has not answered by then is replaced (s)',
  ),
} as const;
const optionsSchema = z.object(ENDPOINT_OPTIONS);
export type EndpointOptions = Readonly<z.infer<typeof optionsSchema>>;

/** @throws {EndpointOptionsError} with every problem at once */
export function readOptions(
  environment: Readonly<Record<string, string | undefined>>,
): EndpointOptions {
  const parsed = optionsSchema.safeParse(environment, { error: shapeSentence });
  if (parsed.success) return parsed.data;
  throw new EndpointOptionsError(
    parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`),
  );
}

/** How many children decode: more processes than cores take each other's caches away, a tenth of the work. */
export function decodersOf(
  { TIERWATCH_ENDPOINT_DECODERS: given, TIERWATCH_ENDPOINT_THREADS: threads }: EndpointOptions,
  device: Device,
): number {
  return given ?? Math.max(1, device === 'cpu' ? cores - threads : cores);
}

/** One line an option, for `--help`. */
export function describeOptions(): string[] {
  return Object.entries(ENDPOINT_OPTIONS).map(([name, schema]) => {
    const fallback = schema.parse(undefined);
    const byDefault = fallback === undefined ? '' : `; default: ${fallback}`;
    return `  ${name.padEnd(36)} ${schema.description ?? ''}${byDefault}`;
  });
}
