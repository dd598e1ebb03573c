import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { type AnalysisSettings, PRODUCT_ANALYSIS_DEFAULTS } from '../core/camera-settings';
import { endpointAnswerSchema } from '../core/endpoint-contract';
import type { Device } from '../core/manifest';
import { bareSegments } from './endpoint-bare';
import { type Handover, measureHandovers } from './endpoint-payload';
import { describeMachine, printMachine } from './machine';

const ROOT = join(__dirname, '..');
const FOOTAGE = join(ROOT, 'demo/footage/harbour-depot/lobby/20261102T080000Z_60s.mp4');
const CAMERAS = 16;
const AT_ONCE = 64;
const WAIT_MS = 5;
/** Segments that a bare process works, after one to warm up. */
const BARE_ROUNDS = 12;
const USAGE =
  'npm run bench -- endpoint [--model DIR] [--footage FILE] [--device auto|cpu|cuda] [--requests 128] [--overload-seconds 60] [--json]';

/** The server that is measured. */
interface Server {
  readonly model: string;
  /** As TIERWATCH_ENDPOINT_DEVICE. */
  readonly device: string;
}

interface Served {
  readonly url: string;
  readonly pid: number;
  /** Where it infers. */
  readonly device: Device;
  stop(): Promise<void>;
}

type Throughput = Awaited<ReturnType<typeof measureThroughput>>;

/** The model server under load, beside bare decode and inference of the same samples, in CPU seconds. */
export async function run(values: string[]): Promise<void> {
  const { values: options } = parseArgs({
    args: values,
    options: {
      model: { type: 'string', default: join(ROOT, 'model-build/default') },
      footage: { type: 'string', default: FOOTAGE },
      device: { type: 'string', default: 'auto' },
      requests: { type: 'string', default: '128' },
      'overload-seconds': { type: 'string', default: '60' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (options.help) {
    console.log(USAGE);
    return;
  }
  const machine = describeMachine();
  const { model, footage } = options;
  const server = { model, device: options.device };
  const video = readFileSync(footage);
  const requests = Number(options.requests);
  const throughput = await measureThroughput(server, { footage, video, requests });
  const single = await measureSingle(server, video);
  const overload = await measureOverload(server, video, {
    seconds: Number(options['overload-seconds']),
    peakPerSecond: throughput.requestsPerSecond,
    peakCores: throughput.coresForServer,
  });
  const restart = await measureRestart(server, video);
  const handovers = await measurePayload(server, footage);
  const row = { throughput, single, overload, restart, handovers };
  if (options.json) {
    console.log(JSON.stringify({ machine, ...row }));
    return;
  }
  printMachine(machine);
  printThroughput(throughput);
  console.log(
    `one at a time: ${single.waitMs.toFixed(1)} ms a batch beyond inference, at a deadline of ${WAIT_MS} ms (goal: +3)`,
  );
  console.log(
    `overload ${overload.offeredRatio.toFixed(1)}x for ${overload.seconds} s: goodput ${overload.goodputRatio.toFixed(2)} of peak, by what the generator leaves of the cores ${overload.goodputRatioByCore.toFixed(2)} (goal 0.95), p99 of accepted ${overload.p99Ms.toFixed(0)} ms (deadline ${overload.deadlineMs.toFixed(0)}), ${overload.refused} refused with 503, ${overload.failed} failed, memory ${(overload.memoryRatio).toFixed(2)}x`,
  );
  console.log(
    `rolling restart under load: ${restart.failed} of ${restart.requests} requests failed (goal 0)`,
  );
  const packets = handovers.find(({ way }) => way === 'packets')!;
  for (const { way, bytes, cpuMs, detections } of handovers) {
    const ratio = `${(cpuMs / packets.cpuMs).toFixed(1)}x the packets' CPU`;
    console.log(
      `${way.padEnd(13)} ${(bytes / 1000).toFixed(0).padStart(6)} KB ${cpuMs.toFixed(1).padStart(7)} ms of the function's CPU a segment, ${ratio}; ${detections} detections`,
    );
  }
}

/** In CPU seconds where it infers on the CPU; on a GPU in requests a second. */
function printThroughput({ device, server, bare, processes, meanBatch }: Throughput): void {
  const head = `${server.requests} requests, ${AT_ONCE} at once, from ${CAMERAS} cameras, on ${device}`;
  const [unit, of] =
    device === 'cpu' ? ['CPU s', 'cpuSeconds' as const] : ['s', 'wallSeconds' as const];
  const ratio = (name: 'together' | 'alone'): string => (bare[name][of] / server[of]).toFixed(2);
  console.log(
    `${head}: ${server[of].toFixed(1)} ${unit} in ${processes} processes; bare in as many at once ${bare.together[of].toFixed(1)} ${unit}: ${ratio('together')} of bare's throughput (goal 0.9); bare in one ${bare.alone[of].toFixed(1)}: ${ratio('alone')}; frames a batch ${meanBatch.toFixed(1)}`,
  );
  console.log(
    `${(server.requests / server.wallSeconds).toFixed(1)} requests and ${(server.frames / server.wallSeconds).toFixed(0)} frames a second; ${server.cpuSeconds.toFixed(1)} CPU s of the server`,
  );
}

/** The shipped classes, each second, without gates. */
const SETTINGS: AnalysisSettings = {
  ...PRODUCT_ANALYSIS_DEFAULTS,
  classes: ['person', 'vehicle'],
  sampleIntervalSeconds: 1,
  packetGate: 'off',
  motionGate: false,
};

async function measurePayload(server: Server, footage: string): Promise<Handover[]> {
  const served = await serve(server);
  try {
    return await measureHandovers(served.url, footage, SETTINGS);
  } finally {
    await served.stop();
  }
}

async function serve(
  { model, device }: Server,
  environment: Record<string, string> = {},
): Promise<Served> {
  const program = [join(ROOT, 'cli/run-typescript.js'), join(ROOT, 'endpoint/serve.entry.ts')];
  const child = spawn(process.execPath, program, {
    env: {
      ...process.env,
      SAGEMAKER_BIND_TO_PORT: '0',
      TIERWATCH_ENDPOINT_HOST: '127.0.0.1',
      TIERWATCH_ENDPOINT_MODEL: model,
      TIERWATCH_ENDPOINT_DEVICE: device,
      TIERWATCH_ENDPOINT_BATCH_WAIT_MS: String(WAIT_MS),
      TIERWATCH_ENDPOINT_MAX_PENDING: String(AT_ONCE),
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const lines = createInterface({ input: child.stdout });
  const ready = await new Promise<{ port: number; device: Device }>((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`the server ended with ${code}`)));
    lines.on('line', (line) => {
      const found = JSON.parse(line);
      if (found.message === 'ready') resolve(found);
    });
  });
  return {
    url: `http://127.0.0.1:${ready.port}`,
    pid: child.pid!,
    device: ready.device,
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

function formOf(video: Uint8Array, camera: string, deadlineMs = 120_000): FormData {
  const form = new FormData();
  const given = { schemaVersion: 1, camera, startedAt: '2026-11-02T08:00:00Z', settings: SETTINGS };
  const rest = { floor: null, range: null, wantsSnapshots: false, deadlineMs };
  form.set('settings', JSON.stringify({ ...given, ...rest }));
  form.append('media', new Blob([video as Uint8Array<ArrayBuffer>], { type: 'video/mp4' }));
  return form;
}

/** Encoded once a camera: the generator must not take the server's CPU. */
const encoded = new Map<string, Promise<{ type: string; body: Uint8Array<ArrayBuffer> }>>();

async function ask(
  url: string,
  video: Uint8Array,
  index: number,
  deadlineMs?: number,
): Promise<Response> {
  const camera = `bench/camera-${index % CAMERAS}`;
  const key = `${camera} ${deadlineMs}`;
  const made = encoded.get(key) ?? encode(formOf(video, camera, deadlineMs));
  encoded.set(key, made);
  const { type, body } = await made;
  return fetch(`${url}/invocations`, { method: 'POST', headers: { 'content-type': type }, body });
}

async function encode(form: FormData) {
  const response = new Response(form);
  const type = response.headers.get('content-type')!;
  return { type, body: new Uint8Array(await response.arrayBuffer()) };
}

/** A process and its children (Linux). */
function processesOf(pid: number): number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  return [pid, ...children.split(/\s+/).filter(Boolean).map(Number)];
}

/** User and system CPU seconds of a process and its children, so far (Linux). */
function cpuSecondsOf(pid: number): number {
  return processesOf(pid).reduce((sum, one) => {
    const fields = readFileSync(`/proc/${one}/stat`, 'utf8').split(') ')[1]!.split(' ');
    return sum + (Number(fields[11]) + Number(fields[12])) / 100;
  }, 0);
}

/** @returns to be called at the end: cores that this process, which makes the load, has left to others since then */
function coresLeft(): () => number {
  const [before, startedMs] = [process.cpuUsage(), performance.now()];
  return () => {
    const { user, system } = process.cpuUsage(before);
    return availableParallelism() - (user + system) / 1000 / (performance.now() - startedMs);
  };
}

async function measureThroughput(
  { model, device: asked }: Server,
  { footage, video, requests }: { footage: string; video: Uint8Array; requests: number },
) {
  const served = await serve({ model, device: asked });
  try {
    const { device } = served;
    await Promise.all(Array.from({ length: 4 }, (_, index) => ask(served.url, video, index)));
    const before = cpuSecondsOf(served.pid);
    const leftOf = coresLeft();
    const startedMs = performance.now();
    let next = 0;
    let frames = 0;
    const worker = async (): Promise<void> => {
      while (next < requests) {
        const response = await ask(served.url, video, next++);
        if (response.status !== 200) throw new Error(`${response.status} ${await response.text()}`);
        const { analysis } = endpointAnswerSchema.parse(await response.json());
        frames += analysis.framesInferred;
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
    const wallSeconds = (performance.now() - startedMs) / 1000;
    const cpuSeconds = cpuSecondsOf(served.pid) - before;
    const coresForServer = leftOf();
    const metrics = await (await fetch(`${served.url}/metrics`)).text();
    const of = (name: string): number =>
      Number(new RegExp(`^tierwatch_endpoint_batch_frames_${name} (\\S+)`, 'm').exec(metrics)?.[1]);
    const processes = processesOf(served.pid).length;
    const bareOf = async (count: number) => {
      const bare = await bareSegments(count, [model, footage], { rounds: BARE_ROUNDS, device });
      if (bare.frames !== frames / requests) {
        throw new Error(`bare inferred ${bare.frames} frames, the server ${frames / requests}`);
      }
      const { cpuSeconds, wallSeconds } = bare;
      return { cpuSeconds: cpuSeconds * requests, wallSeconds: (wallSeconds * requests) / count };
    };
    return {
      device,
      processes,
      requestsPerSecond: requests / wallSeconds,
      coresForServer,
      meanBatch: of('sum') / of('count'),
      server: { requests, frames, cpuSeconds, wallSeconds },
      bare: { alone: await bareOf(1), together: await bareOf(processes) },
    };
  } finally {
    await served.stop();
  }
}

async function measureSingle(server: Server, video: Uint8Array) {
  const [waiting, eager] = [
    await serve(server),
    await serve(server, { TIERWATCH_ENDPOINT_BATCH_WAIT_MS: '0' }),
  ];
  try {
    const cost = async ({ url }: Served): Promise<number> => {
      const answer = endpointAnswerSchema.parse(await (await ask(url, video, 0)).json());
      return (answer.timings.totalMs - answer.timings.queueMs) / answer.batches.count;
    };
    const with_: number[] = [];
    const without: number[] = [];
    for (let round = 0; round < 12; round++) {
      with_.push(await cost(waiting));
      without.push(await cost(eager));
    }
    const median = (all: number[]): number => all.toSorted((a, b) => a - b)[all.length >> 1]!;
    return { waitMs: median(with_) - median(without) };
  } finally {
    await waiting.stop();
    await eager.stop();
  }
}

async function measureOverload(
  server: Server,
  video: Uint8Array,
  {
    seconds,
    peakPerSecond,
    peakCores,
  }: { seconds: number; peakPerSecond: number; peakCores: number },
) {
  const pending = 16;
  const served = await serve(server, { TIERWATCH_ENDPOINT_MAX_PENDING: String(pending) });
  const memory = (): number =>
    Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${served.pid}/status`, 'utf8'))?.[1]);
  try {
    await Promise.all(Array.from({ length: 4 }, (_, index) => ask(served.url, video, index)));
    const deadlineMs = (pending / peakPerSecond) * 3000;
    const latencies: number[] = [];
    const counts = { refused: 0, failed: 0 };
    const open: Promise<void>[] = [];
    const everyMs = 1000 / (peakPerSecond * 3);
    const leftOf = coresLeft();
    const startedMs = performance.now();
    let earlyMemory = 0;
    for (let index = 0; performance.now() - startedMs < seconds * 1000; index++) {
      const sentMs = performance.now();
      open.push(
        ask(served.url, video, index, Math.round(deadlineMs)).then(
          async (response) => {
            await response.arrayBuffer();
            if (response.status === 200) latencies.push(performance.now() - sentMs);
            else if (response.status === 503) counts.refused++;
            else counts.failed++;
          },
          () => {
            counts.failed++;
          },
        ),
      );
      if (earlyMemory === 0 && performance.now() - startedMs > seconds * 250)
        earlyMemory = memory();
      await pause(everyMs);
    }
    const lateMemory = memory();
    await Promise.all(open);
    const tookSeconds = (performance.now() - startedMs) / 1000;
    const goodputRatio = latencies.length / tookSeconds / peakPerSecond;
    return {
      seconds,
      offeredRatio: open.length / seconds / peakPerSecond,
      goodputRatio,
      goodputRatioByCore: (goodputRatio * peakCores) / leftOf(),
      p99Ms: latencies.toSorted((a, b) => a - b)[Math.ceil(latencies.length * 0.99) - 1] ?? 0,
      deadlineMs,
      ...counts,
      memoryRatio: lateMemory / earlyMemory,
    };
  } finally {
    await served.stop();
  }
}

/** A new server takes over before the old one is told to stop, as SageMaker rolls out a configuration. */
async function measureRestart(server: Server, video: Uint8Array) {
  let current = await serve(server);
  let isOver = false;
  const counts = { requests: 0, failed: 0 };
  const client = async (index: number): Promise<void> => {
    while (!isOver) {
      counts.requests++;
      const answer = await ask(current.url, video, index).catch(() => null);
      if (answer?.status === 503) {
        // The old one, just as it is told to stop: the balancer asks the next.
        counts.requests--;
        continue;
      }
      if (answer?.status !== 200) counts.failed++;
      await answer?.arrayBuffer();
    }
  };
  const clients = Array.from({ length: 8 }, (_, index) => client(index));
  for (let round = 0; round < 2; round++) {
    await pause(3000);
    const next = await serve(server);
    const old = current;
    current = next;
    await old.stop();
  }
  isOver = true;
  await Promise.all(clients);
  await current.stop();
  return counts;
}
