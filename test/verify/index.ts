import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { pythonVariables } from '../../model-build/python-commands';
import { preparePython } from '../../model-build/python-environment';
import { findChromium } from './browser/chromium';
import { findPulumi } from './engine/engine';
import { contractsIn, failuresIn } from './failures';
import { prepareLambdaBase } from './image/bases';
import { needImageTools } from './image/buildah';
import { sharedFolder } from './shared';

interface Check {
  readonly name: string;
  /** @returns what was found, or null where the check could not run here, with the reason said by `skip` */
  readonly run: (folder: string) => string | Promise<string>;
}

/** A check that can't run here; it fails all the same where the variable asks for it. */
class Skipped extends Error {
  constructor(
    message: string,
    readonly requiredBy: 'TIERWATCH_REQUIRE_SHARED' | 'TIERWATCH_REQUIRE_PEERS',
  ) {
    super(message);
  }
}

const ROOT = join(__dirname, '../..');
const PYTHON_TESTS = join(ROOT, 'test/model-build/python');
const TIERWATCH = join(ROOT, 'cli/tierwatch.js');

/** The interpreter that every Python check takes, once it is installed. */
let interpreter = process.env.TIERWATCH_PYTHON;
function python(): string {
  if (!interpreter) throw new Error('the Python environment is not there: the check before failed');
  return interpreter;
}

/** Runs a program to its end. @returns its stdout */
function run(program: string, ...values: string[]): string {
  const { status, stdout, stderr } = spawnSync(program, values, {
    cwd: ROOT,
    encoding: 'utf8',
    env: { ...pythonVariables(process.env), OMP_NUM_THREADS: '1' },
    maxBuffer: 256 * 1024 * 1024,
  });
  if (status === 0) return stdout;
  throw new Error(`${program} ${values.join(' ')} ended ${status}\n${stdout}\n${stderr}`);
}

const tierwatch = (...values: string[]): string => run(process.execPath, TIERWATCH, ...values);

const lastLines = (text: string, count: number): string =>
  text.trim().split('\n').slice(-count).join('\n');

const lastLine = (text: string): string => lastLines(text, 1);

function needShared(): string {
  const folder = sharedFolder();
  if (folder) return folder;
  throw new Skipped(
    'the folder of real footage and models is not beside the project',
    'TIERWATCH_REQUIRE_SHARED',
  );
}

const IMPORT = [
  '--family',
  'yolox',
  '--licence',
  'Apache-2.0',
  '--source',
  'https://github.com/Megvii-BaseDetection/YOLOX',
  '--name',
  'yolox-nano',
];

/** How to run as root: nothing to add, sudo where CI has it. */
function asRoot(): readonly string[] {
  if (process.getuid?.() === 0) return [];
  const canSudo =
    process.env.TIERWATCH_REQUIRE_PEERS && spawnSync('sudo', ['-n', 'true']).status === 0;
  if (canSudo) return ['sudo', '-n', '--preserve-env', 'env', `PATH=${process.env.PATH}`];
  throw new Skipped('images are built by root, found another user', 'TIERWATCH_REQUIRE_PEERS');
}

interface TestOptions {
  /** @default vitest.verify.config.mts */
  readonly config?: string;
  /** What starts Node. */
  readonly before?: readonly string[];
}

/** The tests of one folder below test/verify. @returns what was measured and left out, and how many ran */
function runTests(
  folder: string,
  { config = 'vitest.verify.config.mts', before = [] }: TestOptions = {},
): string {
  const report = join(ROOT, `.cache/vitest-verify-${folder}.json`);
  rmSync(report, { force: true });
  const [program = process.execPath, ...values] = [...before, process.execPath];
  let text: string;
  try {
    const out = run(
      program,
      ...values,
      ...[join(ROOT, 'node_modules/vitest/vitest.mjs'), 'run', join('test/verify', folder)],
      ...['--config', config, '--reporter', 'default', '--reporter', 'json'],
      `--outputFile.json=${report}`,
    );
    text = stripVTControlCharacters(out);
  } catch (error) {
    throw new Error(failuresIn(report) ?? lastLines((error as Error).message, 60));
  }
  const told = text.match(/^(left out|image:|shown:) .*$/gm) ?? [];
  const contracts = contractsIn(report);
  const lines = [
    /Tests .*/.exec(text)?.[0].trim() ?? text,
    ...(contracts ? [`contract suites: ${contracts}`] : []),
    ...told.map((line) => line.replace(/^shown: /, '')),
  ];
  return lines.join('\n        ');
}

/** `actionlint` of the path, else by Go. */
function lintWorkflows(): string {
  if (spawnSync('actionlint', ['--version']).status === 0) {
    return run('actionlint') || 'no findings';
  }
  const program = ['run', 'github.com/rhysd/actionlint/cmd/actionlint@v1.7.7'];
  if (spawnSync('go', [...program, '-version']).status !== 0) {
    throw new Skipped(
      'actionlint is not on the path, and Go can’t make it here',
      'TIERWATCH_REQUIRE_PEERS',
    );
  }
  return run('go', ...program) || 'no findings';
}

const CHECKS: readonly Check[] = [
  {
    name: 'format and lint',
    run: () => run(join(ROOT, 'node_modules/.bin/biome'), 'check', '.').trim().split('\n')[0] ?? '',
  },
  {
    name: 'types',
    run: () => {
      const tsc = join(ROOT, 'node_modules/.bin/tsc');
      return (
        ['.', 'dashboard'].map((one) => run(tsc, '--noEmit', '-p', one)).join('') || 'no errors'
      );
    },
  },
  { name: 'workflows', run: lintWorkflows },
  {
    name: 'YOLOX-Nano becomes a bundle',
    run: (folder) =>
      tierwatch(
        'model',
        'import',
        join(needShared(), 'models/yolox_nano.onnx'),
        ...IMPORT,
        '--out',
        join(folder, 'yolox'),
      )
        .trim()
        .split('\n')
        .at(-1)!,
  },
  {
    name: 'people who walk in and out of real footage are listed one by one',
    run: (folder) => {
      const out = tierwatch(
        'detect',
        join(needShared(), 'footage/one-by-one-person-detection.mp4'),
        '--model',
        join(folder, 'yolox'),
      );
      if (out.match(/^ {2}person /gm)?.length !== 6) throw new Error(out);
      return out.trim().split('\n').at(-1)!.trim();
    },
  },
  {
    name: 'the pinned Python environment is there',
    run: async () => {
      const onProgress = (line: string): void => {
        if (line.startsWith('Python packages')) console.error(`  ${line}`);
      };
      interpreter = await preparePython('test', { onProgress });
      return interpreter;
    },
  },
  {
    name: "the tests of model-build's Python",
    run: () =>
      lastLine(run(python(), '-m', 'pytest', '-q', '-p', 'no:cacheprovider', PYTHON_TESTS)),
  },
  {
    name: 'YOLOX-Nano becomes INT8, is measured on held-out pictures, and passes check',
    run: (folder) => {
      const [yolox, coco] = [join(folder, 'yolox'), join(needShared(), 'coco')];
      const classes = ['--classes', 'person,vehicle'];
      const quantise = ['quantise', yolox, '--calibration', coco, '--pictures', '16'];
      const said = tierwatch('model', ...quantise, '--data', coco, ...classes);
      const lost = /lost (-?[\d.]+) \[/g;
      const losses = [...said.matchAll(lost)].map(([, points]) => Number(points));
      if (losses.length === 0 || Math.max(...losses) > 5) throw new Error(said);
      tierwatch('model', 'check', yolox);
      tierwatch('model', 'card', yolox);
      return lastLine(said);
    },
  },
  {
    name: 'YOLOX-Nano becomes FP16, whose sure answers are those of FP32, and passes check',
    run: (folder) => {
      needShared();
      const said = tierwatch('model', 'half', join(folder, 'yolox'));
      const changes = [...said.matchAll(/sure answers by ([\d.]+) at most/g)];
      if (changes.length === 0 || changes.some(([, change]) => Number(change) > 0.05)) {
        throw new Error(said);
      }
      tierwatch('model', 'check', join(folder, 'yolox'));
      return lastLine(said);
    },
  },
  {
    name: 'the adapters and functions on AWS’s APIs (moto) and a real InfluxDB',
    run: () => runTests('aws'),
  },
  {
    name: 'the images: the functions’, started as Lambda starts it, and the model server’s, as SageMaker does; real segments through both',
    run: async () => {
      const before = asRoot();
      try {
        if (before.length === 0) {
          needImageTools();
          await prepareLambdaBase();
        }
      } catch (error) {
        throw new Skipped((error as Error).message, 'TIERWATCH_REQUIRE_PEERS');
      }
      return runTests('image', { before });
    },
  },
  {
    name: 'pulumi up and the policy pack, by the real engine',
    run: () => {
      try {
        findPulumi();
      } catch (error) {
        throw new Skipped((error as Error).message, 'TIERWATCH_REQUIRE_PEERS');
      }
      return runTests('engine');
    },
  },
  {
    name: 'the page in a real browser, over the real program',
    run: () => {
      try {
        findChromium();
      } catch (error) {
        throw new Skipped((error as Error).message, 'TIERWATCH_REQUIRE_PEERS');
      }
      return runTests('browser', { config: 'vitest.browser.config.mts' });
    },
  },
  {
    name: 'the student trains, goes on, becomes a bundle and passes check (one minute, toy)',
    run: (folder) => {
      const frames = join(folder, 'frames');
      tierwatch('model', 'simulate', 'frames', '--out', frames, '--count', '160', '--seed', '5');
      const config = join(folder, 'toy.yaml');
      writeFileSync(
        config,
        'data: frames\nseed: 1\nbatch: 8\nsteps: 200\nlearningRate: 0.002\nheight: 192\nwidth: 320\nthreads: 1\n',
      );
      const train = ['model', 'train', '--config', config, '--out', join(folder, 'run')];
      tierwatch(...train, '--minutes', '0.5');
      tierwatch(...train, '--minutes', '0.5', '--resume');
      const checkpoint = join(folder, 'run/checkpoint.pt');
      const toy = join(folder, 'toy');
      tierwatch('model', 'export', '--checkpoint', checkpoint, '--data', frames, '--out', toy);
      return tierwatch('model', 'check', toy).trim();
    },
  },
];

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'tierwatch-verify-'));
  let [passed, skipped] = [0, 0];
  const failures: string[] = [];
  for (const check of CHECKS) {
    const startedMs = performance.now();
    const minutes = (): string => `${((performance.now() - startedMs) / 60_000).toFixed(1)} min`;
    try {
      console.log(`ok      ${check.name}: ${await check.run(folder)} (${minutes()})`);
      passed++;
    } catch (error) {
      if (error instanceof Skipped && !process.env[error.requiredBy]) {
        console.log(`left out ${check.name}: ${error.message}`);
        skipped++;
        continue;
      }
      const message = error instanceof Error ? error.message : String(error);
      console.log(`FAILED  ${check.name} (${minutes()})\n${message}`);
      failures.push(check.name);
    }
  }
  for (const name of failures) console.log(`FAILED  ${name}: see above`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(ROOT, '.cache'), { recursive: true });
  const counts = { passed, failed: failures.length, skipped };
  writeFileSync(join(ROOT, '.cache/verify.json'), JSON.stringify(counts));
  process.exitCode = failures.length === 0 ? 0 : 1;
}

void main();
