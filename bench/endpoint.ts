import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { endpointAnswerSchema } from '../core/endpoint-contract';
import { bareSegments } from './endpoint-bare';
import { type Handover, measureHandovers } from './endpoint-payload';
import {
  AT_ONCE,
  ask,
  CAMERAS,
  coresLeft,
  cpuSecondsOf,
  processesOf,
  SETTINGS,
  type Served,
  type Server,
  serve,
  WAIT_MS,
} from './endpoint-server';
import { describeMachine, median, printMachine, ranked } from './machine';

const ROOT = join(__dirname, '..');
const FOOTAGE = join(ROOT, 'demo/footage/harbour-depot/lobby/20261102T080000Z_60s.mp4');
/** The server and bare take turns so many times. */
const ROUNDS = 5;
/** Segments that a bare process works each time, after one to warm up. */
const BARE_SEGMENTS = 6;
const USAGE =
  'npm run bench -- endpoint [--model DIR] [--footage FILE] [--device auto|cpu|cuda] [--requests 160] [--overload-seconds 60] [--json]';

type Throughput = Awaited<ReturnType<typeof measureThroughput>>;

/** The model server under load, beside bare decode and inference of the same samples, in CPU seconds. */
export async function run(values: string[]): Promise<void> {
  const { values: options } = parseArgs({
    args: values,
    options: {
      model: { type: 'string', default: join(ROOT, 'model-build/default') },
      footage: { type: 'string', default: FOOTAGE },
      device: { type: 'string', default: 'auto' },
      requests: { type: 'string', default: '160' },
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
  const folder = mkdtempSync(join(tmpdir(), 'tierwatch-bench-'));
  try {
    execFileSync(process.execPath, [join(ROOT, 'handlers/bundle.js'), folder, '--endpoint']);
    const { model, device } = options;
    const server = { program: join(folder, 'endpoint/serve.js'), model, device };
    const row = await measure(server, {
      footage: options.footage,
      requests: Number(options.requests),
      overloadSeconds: Number(options['overload-seconds']),
    });
    if (options.json) console.log(JSON.stringify({ machine, ...row }));
    else {
      printMachine(machine);
      print(row);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

interface Load {
  readonly footage: string;
  readonly requests: number;
  readonly overloadSeconds: number;
}

async function measure(server: Server, { footage, requests, overloadSeconds }: Load) {
  const video = readFileSync(footage);
  const throughput = await measureThroughput(server, { footage, video, requests });
  const single = await measureSingle(server, video);
  const overload = await measureOverload(server, video, {
    seconds: overloadSeconds,
    peakPerSecond: throughput.requestsPerSecond,
    peakCores: throughput.coresForServer,
  });
  const restart = await measureRestart(server, video);
  const handovers = await measurePayload(server, footage);
  return { throughput, single, overload, restart, handovers };
}

function print({
  throughput,
  single,
  overload,
  restart,
  handovers,
}: Awaited<ReturnType<typeof measure>>): void {
  printThroughput(throughput);
  console.log(
    `one at a time: ${single.waitMs.toFixed(1)} ms a batch beyond inference, at a deadline of ${WAIT_MS} ms (goal: +3)`,
  );
  console.log(
    `overload ${overload.offeredRatio.toFixed(1)}x for ${overload.seconds} s: goodput ${overload.goodputRatio.toFixed(2)} of peak, by what the generator leaves of the cores ${overload.goodputRatioByCore.toFixed(2)} (goal 0.95), p99 of accepted ${overload.p99Ms.toFixed(0)} ms (deadline ${overload.deadlineMs.toFixed(0)}), ${overload.refused} refused with 503, ${overload.late} past it (504), ${overload.failed} failed${overload.reasons.map((reason) => ` (${reason})`).join('')}, memory ${(overload.memoryRatio).toFixed(2)}x`,
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

/** In CPU seconds where it infers on the CPU; on a GPU in seconds of wall clock. Medians of the rounds. */
function printThroughput({ device, rounds, requests, processes, ...rest }: Throughput): void {
  const [unit, of] =
    device === 'cpu' ? ['CPU ms', 'cpuSeconds' as const] : ['ms', 'wallSeconds' as const];
  const each = requests / rounds.length;
  const ms = (name: 'server' | 'together' | 'alone'): string =>
    ((median(rounds.map((round) => round[name][of])) / each) * 1000).toFixed(0);
  const ratio = (name: 'together' | 'alone'): string => {
    const ratios = rounds.map((round) => round[name][of] / round.server[of]);
    const [least, most] = [Math.min(...ratios), Math.max(...ratios)];
    return `${median(ratios).toFixed(2)} (${least.toFixed(2)} to ${most.toFixed(2)})`;
  };
  console.log(
    `${requests} requests in ${rounds.length} rounds, ${AT_ONCE} at once, from ${CAMERAS} cameras, on ${device}: ${ms('server')} ${unit} a request in ${processes} processes; bare in as many at once ${ms('together')}: ${ratio('together')} of bare's throughput (goal 0.9); bare in one ${ms('alone')}: ${ratio('alone')}; frames a batch ${rest.meanBatch.toFixed(1)}`,
  );
  const frames = rounds[0]!.server.frames / each;
  console.log(
    `${rest.requestsPerSecond.toFixed(1)} requests and ${(rest.requestsPerSecond * frames).toFixed(0)} frames a second, the generator beside it`,
  );
}

async function measurePayload(server: Server, footage: string): Promise<Handover[]> {
  const served = await serve(server);
  try {
    return await measureHandovers(served.url, footage, SETTINGS);
  } finally {
    await served.stop();
  }
}

/** CPU and wall seconds of the server for some requests, answered as they should be. */
async function workRequests(served: Served, video: Uint8Array, requests: number) {
  const before = cpuSecondsOf(served.pid);
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
  return { frames, wallSeconds, cpuSeconds: cpuSecondsOf(served.pid) - before };
}

/** Server and bare in turns: the machine is not the same from one minute to the next. */
async function measureThroughput(
  server: Server,
  { footage, video, requests }: { footage: string; video: Uint8Array; requests: number },
) {
  const served = await serve(server);
  const { model } = server;
  try {
    const { device } = served;
    const each = Math.ceil(requests / ROUNDS);
    await workRequests(served, video, AT_ONCE);
    const processes = processesOf(served.pid).length;
    const bareOf = async (count: number, frames: number) => {
      const bare = await bareSegments(count, [model, footage], { rounds: BARE_SEGMENTS, device });
      if (bare.frames !== frames / each) {
        throw new Error(`bare inferred ${bare.frames} frames, the server ${frames / each}`);
      }
      const { cpuSeconds, wallSeconds } = bare;
      return { cpuSeconds: cpuSeconds * each, wallSeconds: (wallSeconds * each) / count };
    };
    const rounds = [];
    const shares = [];
    for (let round = 0; round < ROUNDS; round++) {
      const leftOf = coresLeft();
      const worked = await workRequests(served, video, each);
      shares.push({ cores: leftOf(), perSecond: each / worked.wallSeconds });
      const together = await bareOf(processes, worked.frames);
      const alone = await bareOf(1, worked.frames);
      rounds.push({ server: worked, together, alone });
    }
    const metrics = await (await fetch(`${served.url}/metrics`)).text();
    const of = (name: string): number =>
      Number(new RegExp(`^tierwatch_endpoint_batch_frames_${name} (\\S+)`, 'm').exec(metrics)?.[1]);
    return {
      device,
      processes,
      requests: each * ROUNDS,
      requestsPerSecond: median(shares.map(({ perSecond }) => perSecond)),
      coresForServer: median(shares.map(({ cores }) => cores)),
      meanBatch: of('sum') / of('count'),
      rounds,
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
    const counts = { refused: 0, late: 0, failed: 0 };
    const reasons = new Set<string>();
    const open: Promise<void>[] = [];
    const everyMs = 1000 / (peakPerSecond * 3);
    const leftOf = coresLeft();
    const startedMs = performance.now();
    let earlyMemory = 0;
    for (let index = 0; performance.now() - startedMs < seconds * 1000; index++) {
      const sentMs = performance.now();
      open.push(
        ask(served.url, video, index, Math.round(deadlineMs))
          .then(async (response) => {
            const text = await response.text();
            if (response.status === 200) latencies.push(performance.now() - sentMs);
            else if (response.status === 503) counts.refused++;
            else if (response.status === 504) counts.late++;
            else throw new Error(`${response.status} ${text}`);
          })
          .catch((error) => {
            counts.failed++;
            reasons.add(String(error.cause ?? error));
          }),
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
      p99Ms: ranked([...latencies, ...Array(counts.late).fill(Number.POSITIVE_INFINITY)], 0.99),
      deadlineMs,
      ...counts,
      reasons: [...reasons],
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
