import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { ENVIRONMENT_NAMES, PreviewRun, ROOT } from './preview-run';
import { type Outcome, STEP_NAMES, type StepName } from './pull-request-steps';

const USAGE = `Usage: npm run preview -- ENVIRONMENT [--against COMMIT] [--skip-tests] [--skip-check]
  ENVIRONMENT   ${ENVIRONMENT_NAMES.join(', ')}; default dev
  --against     what the change is compared with; default where this branch left main
  --skip-tests  without the test suite: minutes
  --skip-check  without format and types: a minute`;

interface Options {
  readonly environment: string;
  readonly against: string | undefined;
  readonly skipTests: boolean;
  readonly skipCheck: boolean;
}

/**
 * `npm run preview -- ENV`: the steps of `.github/workflows/pull-request.yml` in their order, without an account: the program of
 * a commit is brought up at a stand-in of AWS, and the working tree's over it. Ends 1 where a step fails.
 */
function main(options: Options): void {
  const run = new PreviewRun(options);
  const done: (Outcome & { readonly name: StepName })[] = [];
  try {
    for (const name of STEP_NAMES) {
      console.log(`\n== ${name}`);
      done.push({ name, ...take(name, { run, options }) });
    }
  } finally {
    run.close();
  }
  console.log('\n== in short');
  for (const { name, outcome, text } of done) console.log(`${name}: ${outcome}: ${text}`);
  if (done.some(({ outcome }) => outcome === 'failed')) process.exitCode = 1;
}

function take(
  name: StepName,
  { run, options }: { readonly run: PreviewRun; readonly options: Options },
): Outcome {
  try {
    if (name === 'tests') {
      if (options.skipTests) return leftOut('npm cit, by --skip-tests');
      // npm ci would replace the packages that this program runs by.
      return command(['npm ci --dry-run --ignore-scripts', 'npm test']);
    }
    if (name === 'check') {
      if (options.skipCheck) return leftOut('npm run check, by --skip-check');
      return command([options.skipTests ? 'npm run check:static' : 'npm run check']);
    }
    return run[name]();
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    console.log(text);
    return { outcome: 'failed', text: text.split('\n')[0]! };
  }
}

function leftOut(text: string): Outcome {
  return { outcome: 'left out', text };
}

function command(lines: readonly string[]): Outcome {
  const failed = lines.find((line) => {
    const [program, ...values] = line.split(' ');
    return spawnSync(program!, values, { cwd: ROOT, stdio: 'inherit' }).status !== 0;
  });
  return { outcome: failed ? 'failed' : 'passed', text: failed ?? lines.join(', ') };
}

function readOptions(values: readonly string[]): Options | null {
  try {
    const { values: flags, positionals } = parseArgs({
      args: [...values],
      allowPositionals: true,
      options: {
        against: { type: 'string' },
        'skip-tests': { type: 'boolean', default: false },
        'skip-check': { type: 'boolean', default: false },
      },
    });
    const [environment = 'dev', ...more] = positionals;
    if (more.length > 0 || !ENVIRONMENT_NAMES.includes(environment)) return null;
    const { against, 'skip-tests': skipTests, 'skip-check': skipCheck } = flags;
    return { environment, against, skipTests, skipCheck };
  } catch {
    return null;
  }
}

const options = readOptions(process.argv.slice(2));
if (options) main(options);
else {
  console.error(USAGE);
  process.exitCode = 2;
}
