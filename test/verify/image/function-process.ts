import { ACCOUNT, FAKE_CREDENTIALS, REGION } from '../aws/moto';
import type { ImageConfig } from './buildah';
import { type Container, startContainer } from './container';
import { RuntimeApi } from './runtime-api';

/** One execution environment of a function. */
export interface FunctionProcess {
  /** Process start → its first request for work, ms. */
  readonly bootMs: number;
  invoke(event: unknown): Promise<unknown>;
  readonly container: Container;
  stop(): Promise<void>;
}

export interface FunctionOptions {
  readonly root: string;
  readonly config: ImageConfig;
  readonly memoryMb: number;
  readonly variables: Readonly<Record<string, string>>;
}

/** Whom Lambda runs a function as. */
const USER = { uid: 993, gid: 990 };
/** https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html */
const MB_PER_CPU = 1769;
const TIMEOUT_SECONDS = 120;

/** Starts a function of the image, its command as infra sets it. @throws {FunctionError} where its init fails */
export async function startFunction(
  name: string,
  { root, config, memoryMb, variables }: FunctionOptions,
): Promise<FunctionProcess> {
  const api = new RuntimeApi();
  const handler = `handlers/${name}.handler`;
  const address = await api.listen();
  const startedMs = performance.now();
  const container = startContainer({
    root,
    config,
    command: [handler],
    user: USER,
    cpus: memoryMb / MB_PER_CPU,
    memoryBytes: memoryMb * 1024 ** 2,
    variables: {
      ...FAKE_CREDENTIALS,
      AWS_LAMBDA_RUNTIME_API: address,
      AWS_LAMBDA_FUNCTION_NAME: `${ACCOUNT}-${name}`,
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(memoryMb),
      AWS_LAMBDA_FUNCTION_VERSION: '1',
      AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
      AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${name}`,
      AWS_LAMBDA_LOG_STREAM_NAME: 'stream',
      AWS_REGION: REGION,
      AWS_DEFAULT_REGION: REGION,
      AWS_XRAY_DAEMON_ADDRESS: '127.0.0.1:2000',
      AWS_XRAY_CONTEXT_MISSING: 'LOG_ERROR',
      _HANDLER: handler,
      ...variables,
    },
  });
  container.process.once('close', (code) => api.ended(`${name}: its process ended (${code})`));
  const stop = async (): Promise<void> => {
    await container.stop();
    api.close();
  };
  try {
    await api.ready;
  } catch (error) {
    await stop();
    throw new Error(`${(error as Error).message}\n${container.said()}`, { cause: error });
  }
  const bootMs = performance.now() - startedMs;
  return { bootMs, container, invoke: (event) => api.invoke(event, TIMEOUT_SECONDS), stop };
}
