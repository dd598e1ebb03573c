import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { preparePython } from './python';
import { sharedFolder } from './shared';

interface Check {
  readonly name: string;
  /** @returns what was found, or null where the check could not run here, with the reason said by `skip` */
  readonly run: (folder: string) => string;
}

class Skipped extends Error {}

const ROOT = join(__dirname, '../..');
const TIERWATCH = join(ROOT, 'cli/tierwatch.js');

/** Runs a program to its end. @returns its stdout */
function run(program: string, ...values: string[]): string {
  const { status, stdout, stderr } = spawnSync(program, values, {
    cwd: ROOT,
    encoding: 'utf8',
    maxBuffer: 256 * 1024 * 1024,
  });
  if (status === 0) return stdout;
  throw new Error(`${program} ${values.join(' ')} ended ${status}\n${stdout}\n${stderr}`);
}

const tierwatch = (...values: string[]): string => run(process.execPath, TIERWATCH, ...values);

function needShared(): string {
  const folder = sharedFolder();
  if (folder) return folder;
  throw new Skipped('the folder of real footage and models is not beside the project');
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

const CHECKS: readonly Check[] = [
  {
    name: 'format and lint',
    run: () => run(join(ROOT, 'node_modules/.bin/biome'), 'check', '.').trim().split('\n')[0] ?? '',
  },
  {
    name: 'types',
    run: () => run(join(ROOT, 'node_modules/.bin/tsc'), '--noEmit', '-p', '.') || 'no errors',
  },
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
    name: 'people are found in real footage',
    run: (folder) => {
      const out = tierwatch(
        'detect',
        join(needShared(), 'footage/one-by-one-person-detection.mp4'),
        '--model',
        join(folder, 'yolox'),
      );
      if (!/person/.test(out)) throw new Error(out);
      return out.trim().split('\n').at(-1)!.trim();
    },
  },
  {
    name: 'the student trains, exports and passes check (one minute, toy)',
    run: (folder) => {
      const python = preparePython((line) => console.log(`  ${line}`));
      const frames = join(folder, 'frames');
      tierwatch('model', 'simulate', 'frames', '--out', frames, '--count', '160', '--seed', '5');
      const config = join(folder, 'toy.yaml');
      writeFileSync(
        config,
        `data: ${frames}\nseed: 1\nbatch: 8\nsteps: 200\nlearningRate: 0.002\nheight: 192\nwidth: 320\nthreads: 1\n`,
      );
      const train = [
        '-m',
        'tierwatch_model.train',
        '--config',
        config,
        '--out',
        join(folder, 'run'),
      ];
      runPython(python, ...train, '--minutes', '0.5');
      runPython(python, ...train, '--minutes', '0.5', '--resume');
      runPython(
        python,
        '-m',
        'tierwatch_model.export',
        '--checkpoint',
        join(folder, 'run/checkpoint.pt'),
        '--data',
        frames,
        '--out',
        join(folder, 'toy'),
      );
      return tierwatch('model', 'check', join(folder, 'toy')).trim();
    },
  },
];

function runPython(python: string, ...values: string[]): void {
  const { status, stderr } = spawnSync(python, values, {
    cwd: join(ROOT, 'model-build/python'),
    encoding: 'utf8',
    env: { ...process.env, OMP_NUM_THREADS: '1' },
    maxBuffer: 256 * 1024 * 1024,
  });
  if (status !== 0) throw new Error(stderr);
}

function main(): void {
  const folder = mkdtempSync(join(tmpdir(), 'tierwatch-verify-'));
  let [passed, failed, skipped] = [0, 0, 0];
  for (const check of CHECKS) {
    const startedMs = performance.now();
    const minutes = (): string => `${((performance.now() - startedMs) / 60_000).toFixed(1)} min`;
    try {
      console.log(`ok      ${check.name}: ${check.run(folder)} (${minutes()})`);
      passed++;
    } catch (error) {
      if (error instanceof Skipped && !process.env.TIERWATCH_REQUIRE_SHARED) {
        console.log(`left out ${check.name}: ${error.message}`);
        skipped++;
        continue;
      }
      console.log(
        `FAILED  ${check.name} (${minutes()})\n${error instanceof Error ? error.message : error}`,
      );
      failed++;
    }
  }
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(ROOT, '.cache'), { recursive: true });
  writeFileSync(join(ROOT, '.cache/verify.json'), JSON.stringify({ passed, failed, skipped }));
  process.exitCode = failed === 0 ? 0 : 1;
}

main();
