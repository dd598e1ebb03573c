import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const ROOT = join(__dirname, '..');
const ACTIONLINT = 'github.com/rhysd/actionlint/cmd/actionlint@v1.7.7';

export interface CheckOutcome {
  readonly name: string;
  readonly outcome: 'passed' | 'failed' | 'left out';
  readonly text: string;
}

/** No dependency with a finding of high severity; the workflows as actionlint wants them. */
export function checkRepository(): CheckOutcome[] {
  return [checkDependencies(), checkWorkflows()];
}

function checkDependencies(): CheckOutcome {
  const name = 'dependencies (npm audit)';
  const { status, stdout } = run('npm', ['audit', '--audit-level=high', '--json']);
  const found = parseJson(stdout);
  if (!found?.metadata) {
    const why = found?.message ?? 'no answer';
    return { name, outcome: 'left out', text: `the registry gives no advisories: ${why}` };
  }
  const { high = 0, critical = 0 } = found.metadata.vulnerabilities;
  const text = `${high} high, ${critical} critical`;
  return { name, outcome: status === 0 ? 'passed' : 'failed', text };
}

function checkWorkflows(): CheckOutcome {
  const name = 'workflows (actionlint)';
  const own = run('actionlint', []);
  if (own.error === undefined) return judged(name, own);
  const built = run('go', ['run', ACTIONLINT]);
  const isMissing = built.error !== undefined || /dial tcp|no such host|proxy/.test(built.stderr);
  if (!isMissing) return judged(name, built);
  return { name, outcome: 'left out', text: 'neither actionlint nor Go’s module of it is at hand' };
}

function judged(name: string, { status, stdout, stderr }: Ran): CheckOutcome {
  if (status === 0) return { name, outcome: 'passed', text: 'nothing found' };
  return { name, outcome: 'failed', text: `${stdout}${stderr}`.trim() };
}

type Ran = Pick<ReturnType<typeof run>, 'status' | 'stdout' | 'stderr'>;

function run(command: string, values: readonly string[]) {
  return spawnSync(command, values, { cwd: ROOT, encoding: 'utf8' });
}

function parseJson(text: string): {
  readonly message?: string;
  readonly metadata?: { readonly vulnerabilities: { high?: number; critical?: number } };
} | null {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** One line, or what was found. */
export function describeOutcome({ name, outcome, text }: CheckOutcome): string {
  return `${name}: ${outcome}: ${text}`;
}
