import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { checkBundle } from '../adapters/onnx/check-bundle';
import { WorkerPool } from '../adapters/worker/pool';
import { TierwatchError } from '../core/errors';
import { DEFAULT_LIMITS } from '../core/limits';
import { Batcher } from './batcher';
import { readGpuMemory } from './gpu-memory';
import { createMetrics } from './metrics';
import { isOutOfMemory, loadModel, type ServedModel } from './model';
import { decodersOf, describeOptions, type EndpointOptions, readOptions } from './options';
import { EndpointServer } from './server';

const DRAIN_MS = 30_000;
/** As many as Linux lets wait. */
const MAX_WAITING_CONNECTIONS = 4096;
/** A GPU whose context is lost answers no batch any more: whoever started the server starts another. */
const FAILURES_BEFORE_THE_END = 3;
const HELP = `Usage: serve [--self-test]

The model server of the gpu lane, in SageMaker's container contract: docs/endpoint.md.
  --self-test   answers the bundle's own check pictures and ends: 0 as recorded, 1 otherwise

Environment:
${describeOptions().join('\n')}`;

function log(line: Readonly<Record<string, unknown>>): void {
  console.log(JSON.stringify({ at: new Date().toISOString(), ...line }));
}

async function main(flags: readonly string[]): Promise<void> {
  if (flags.includes('--help')) {
    console.log(HELP);
    return;
  }
  const options = readOptions(process.env);
  if (flags.includes('--self-test')) {
    await selfTest(options);
    return;
  }
  await serve(options);
}

function loadAsAsked(options: EndpointOptions): Promise<ServedModel> {
  return loadModel({
    folder: options.TIERWATCH_ENDPOINT_MODEL,
    device: options.TIERWATCH_ENDPOINT_DEVICE,
    threads: options.TIERWATCH_ENDPOINT_THREADS,
    maxBatch: options.TIERWATCH_ENDPOINT_MAX_BATCH,
    onFallback: (reason) => log({ level: 'error', message: 'no CUDA: infers on the CPU', reason }),
  });
}

/** On the device that it would serve with. */
async function selfTest(options: EndpointOptions): Promise<void> {
  // Pictures are checked one by one: no other count has to be warm.
  const single = { ...options, TIERWATCH_ENDPOINT_MAX_BATCH: 1 };
  const { device, detector } = await loadAsAsked(single);
  const { variant } = detector;
  const report = await checkBundle(options.TIERWATCH_ENDPOINT_MODEL, device);
  log({ message: 'self-test', device, variant, ...report });
}

async function serve(options: EndpointOptions): Promise<void> {
  const { detector, facts, device } = await loadAsAsked(options);
  const pool = new WorkerPool({
    size: decodersOf(options, device),
    deadlineSeconds: options.TIERWATCH_ENDPOINT_DEADLINE_SECONDS,
  });
  pool.open();
  const metrics = createMetrics({
    queueDepth: () => server.depth,
    ...(device === 'cuda' ? { gpuMemoryBytes: readGpuMemory } : {}),
  });
  const batcher = new Batcher({
    maxBatch: detector.maxBatch,
    waitMs: options.TIERWATCH_ENDPOINT_BATCH_WAIT_MS,
    run: (pixels, count, input) => detector.infer(pixels, count, input),
    isOutOfMemory,
    onBatch: ({ frames }) => metrics.batchFrames.observe(frames),
    onFailed: ({ error, inARow }) => {
      if (inARow !== FAILURES_BEFORE_THE_END) return;
      log({ level: 'error', message: 'inference fails: ends', inARow, error: String(error) });
      stop(1);
    },
  });
  const server: EndpointServer = new EndpointServer({
    pool,
    batcher,
    facts,
    metrics,
    log,
    limits: DEFAULT_LIMITS,
    maxPending: options.TIERWATCH_ENDPOINT_MAX_PENDING,
    maxBodyBytes: options.TIERWATCH_ENDPOINT_MAX_BODY_BYTES,
  });
  const http = createServer(getRequestListener(server.app.fetch));
  http.on('error', (error) => fail(error));
  const address = {
    port: options.SAGEMAKER_BIND_TO_PORT,
    host: options.TIERWATCH_ENDPOINT_HOST,
    // A burst is answered, if with 503: what finds no room here is cut off without a word.
    backlog: MAX_WAITING_CONNECTIONS,
  };
  await new Promise<void>((resolve) => http.listen(address, resolve));
  log({
    message: 'ready',
    model: facts.model,
    variant: detector.variant,
    device,
    port: (http.address() as AddressInfo).port,
  });
  const stop = (code: number): void => {
    server.drain();
    log({ message: 'draining', pending: server.depth });
    const end = (): void => {
      pool.close();
      process.exit(code);
    };
    setTimeout(end, DRAIN_MS).unref();
    http.close(end);
    http.closeIdleConnections();
  };
  // On one machine it is a child, and ends with its parent.
  process.once('disconnect', () => process.exit(0));
  process.once('SIGTERM', () => stop(0));
  process.once('SIGINT', () => stop(0));
}

function fail(error: unknown): void {
  const line = error instanceof TierwatchError ? error.message : String(error);
  console.error(line);
  process.exit(1);
}

main(process.argv.slice(2)).catch(fail);
