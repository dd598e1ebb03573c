import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { buildSync } from 'esbuild';
import { OnnxDetector } from '../adapters/onnx/onnx-detector';
import { ENVIRONMENT, type EnvironmentName, TRACE_VARIABLE } from '../core/environment';
import { dependencies } from '../package.json';
import { describeMachine, median, printMachine } from './machine';
import { settingsOf } from './run-tier';

const ROOT = join(__dirname, '..');
const MODEL = join(ROOT, 'model-build/default');
const VIDEO = join(ROOT, 'demo/footage/harbour-depot/lobby/20261102T080000Z_60s.mp4');
/** Contracts: cold start against a bare process. */
const GOAL_RATIO = 1.5;
/** Nothing is called there: the function's own start makes no request. */
const NOWHERE = 'http://127.0.0.1:9';
const GIVEN: Partial<Record<EnvironmentName, string>> = {
  environment: 'bench',
  footageBucket: 'footage',
  quarantineBucket: 'quarantine',
  snapshotsBucket: 'snapshots',
  configBucket: 'config',
  table: 'table',
  cpuQueueUrl: `${NOWHERE}/123456789012/cpu`,
  notifyTopics: '{}',
  lanes: 'cpu',
  modelFolder: MODEL,
  quietItemDays: '32',
  evidenceItemDays: '60',
  workers: '1',
  awsEndpoint: NOWHERE,
};

/** Milliseconds from a process's beginning to the end of each stage. */
type Marks = Readonly<Record<string, number>>;
interface StartOptions {
  readonly isOneCpu: boolean;
  /** Node's compile cache, which all of them have. */
  readonly cache: string;
}
interface Program {
  readonly name: string;
  readonly values: readonly string[];
}

/** Our own code in one file a program, every package beside it: what there is without bundling packages. */
function makeUnbundled(out: string): void {
  // Middy has no CommonJS build.
  const packages = Object.keys(dependencies).filter((name) => name !== '@middy/core');
  buildSync({
    entryPoints: {
      'handlers/detect-cpu': join(ROOT, 'handlers/detect-cpu.entry.ts'),
      'handlers/child.entry': join(ROOT, 'adapters/worker/child.entry.ts'),
    },
    outdir: out,
    bundle: true,
    external: [...packages, ...packages.map((name) => `${name}/*`), 'tsx/cjs'],
    format: 'cjs',
    platform: 'node',
    target: 'node24',
    keepNames: true,
    logLevel: 'warning',
  });
  symlinkSync(join(ROOT, 'node_modules'), join(out, 'node_modules'));
}

async function programsIn(folder: string): Promise<readonly Program[]> {
  const [bundled, unbundled] = [join(folder, 'bundled'), join(folder, 'unbundled')];
  const make = (...values: string[]): void => {
    execFileSync(process.execPath, values, { stdio: 'ignore' });
  };
  make(join(ROOT, 'handlers/bundle.js'), bundled);
  make(join(bundled, 'handlers/compile-cache.js'), join(folder, 'cache'));
  makeUnbundled(unbundled);
  const job = JSON.stringify({
    file: VIDEO,
    modelFolder: MODEL,
    settings: settingsOf('steady'),
    floor: null,
    range: { fromSeconds: 0, toSeconds: 1 },
    startedAt: '2026-11-02T08:00:00.000Z',
    wantsSnapshots: false,
  });
  const detector = await OnnxDetector.load(MODEL);
  const input = detector.inputFor(1280, 720, 'auto');
  const graph = join(MODEL, `${detector.variant}-${input.heightPx}x${input.widthPx}.onnx`);
  const cold = join(__dirname, 'cold-start/function.js');
  const bare = join(__dirname, 'cold-start/bare.js');
  const work = [VIDEO, graph, `${input.heightPx}`, `${input.widthPx}`];
  const functionIn = (out: string): readonly string[] => [
    cold,
    join(out, 'handlers/detect-cpu.js'),
    job,
  ];
  return [
    { name: 'bare', values: [bare, ...work] },
    { name: 'two processes', values: [join(__dirname, 'cold-start/two-processes.js'), ...work] },
    { name: 'bundled', values: functionIn(bundled) },
    { name: 'unbundled', values: functionIn(unbundled) },
  ];
}

function start({ name, values }: Program, { isOneCpu, cache }: StartOptions): Marks {
  const variables = Object.entries(GIVEN).map(([key, value]) => [
    ENVIRONMENT[key as EnvironmentName],
    value,
  ]);
  const command = [...(isOneCpu ? ['taskset', '-c', '0'] : []), process.execPath, ...values];
  const { status, stdout, stderr } = spawnSync(command[0]!, command.slice(1), {
    encoding: 'utf8',
    env: {
      ...process.env,
      ...Object.fromEntries(variables),
      NODE_COMPILE_CACHE: cache,
      ORT_DISABLE_TELEMETRY: '1',
      // As deployed without `tierwatch:isTraced`.
      [TRACE_VARIABLE]: 'false',
      AWS_REGION: 'us-east-1',
    },
  });
  if (status !== 0) throw new Error(`${name}: ended ${status}\n${stderr}`);
  return JSON.parse(stdout.trim().split('\n').at(-1)!) as Marks;
}

function printTable(runs: ReadonlyMap<string, readonly Marks[]>): void {
  const at = (name: string, mark: string): number =>
    median(runs.get(name)!.map((marks) => marks[mark]!));
  console.log(
    '| process | parent ready | child has its model warm | first frame | the same again | against bare |',
  );
  console.log('|---|---|---|---|---|---|');
  const ms = (value: number): string => `${value.toFixed(0)} ms`;
  console.log(`| bare | – | – | ${ms(at('bare', 'first'))} | – | 1.00x |`);
  const ratioOf = (name: string): number =>
    // By pairs: first of each round against bare of the same round.
    median(runs.get(name)!.map(({ first }, index) => first! / runs.get('bare')![index]!.first!));
  const least = 'two processes';
  console.log(
    `| bare as the child of a process with Node's https: two processes without our code | ${ms(at(least, 'ready'))} | – | ${ms(at(least, 'first'))} | – | ${ratioOf(least).toFixed(2)}x |`,
  );
  for (const name of ['bundled', 'unbundled']) {
    const again = median(runs.get(name)!.map((marks) => marks.again! - marks.first!));
    const columns = [...['ready', 'warm', 'first'].map((mark) => ms(at(name, mark))), ms(again)];
    const ratio = ratioOf(name);
    console.log(
      `| ${name} | ${columns.join(' | ')} | ${ratio.toFixed(2)}x${ratio > GOAL_RATIO ? ' (missed)' : ''} |`,
    );
  }
}

/** Cold start of detect-cpu, without AWS's part: `npm run bench -- cold-start [--rounds N]`. */
export async function run(values: string[]): Promise<void> {
  const { values: options } = parseArgs({
    args: values,
    options: { rounds: { type: 'string', default: '11' } },
  });
  const rounds = Number(options.rounds);
  if (!Number.isInteger(rounds) || rounds < 1) {
    throw new Error(`--rounds: expected a whole number from 1, found "${options.rounds}"`);
  }
  printMachine(describeMachine());
  const folder = mkdtempSync(join(tmpdir(), 'tierwatch-cold-start-'));
  try {
    const programs = await programsIn(folder);
    const canPin = spawnSync('taskset', ['-c', '0', 'true']).status === 0;
    for (const isOneCpu of canPin ? [false, true] : [false]) {
      const runs = new Map<string, Marks[]>(programs.map(({ name }) => [name, []]));
      // Round 0 fills the file cache and is not counted.
      for (let round = 0; round <= rounds; round++) {
        for (const program of programs) {
          const marks = start(program, { isOneCpu, cache: join(folder, 'cache') });
          if (round > 0) runs.get(program.name)!.push(marks);
        }
      }
      console.log(`\n${isOneCpu ? 'One CPU' : 'All CPUs'}, median of ${rounds} interleaved rounds`);
      printTable(runs);
    }
    if (!canPin) console.log('left out one CPU: taskset is not on the path');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
