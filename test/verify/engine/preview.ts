import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { idleUsdPerMonth } from '../../../core/idle-cost';
import { parseExport, planBetween, type StackExport } from '../../../core/plan-between';
import { componentChanges } from '../../../core/plan-components';
import { describeIdle } from '../../../core/review-report';
import { checkRepository, describeOutcome } from '../../../infra/repository-checks';
import { reviewEnvironment } from '../../../infra/review-environment';
import { defaultBase, openCommitted } from './committed-project';
import { EngineWorkspace } from './engine';

const ROOT = join(__dirname, '../../..');
const USAGE = 'Usage: npm run preview -- ENVIRONMENT [--against COMMIT]';

/**
 * `npm run preview -- ENV`: what `.github/workflows/pull-request.yml` says of a change, without an account: the program of
 * a commit is brought up at a stand-in of AWS, and the working tree's is planned over it.
 */
function main([environment = 'dev', ...more]: readonly string[]): void {
  const [flag, ref = defaultBase()] = more;
  if (more.length > 2 || (flag !== undefined && flag !== '--against')) {
    console.error(USAGE);
    process.exitCode = 2;
    return;
  }
  const workspace = EngineWorkspace.open();
  try {
    const isThere = bringUp(workspace, environment, ref);
    const before = exportOf(workspace, environment);
    // An update of the stand-in: only then are all values known: every rule can judge, and every role says what it may do.
    const judged = workspace.run(
      'up',
      '--yes',
      '--skip-preview',
      ...stackOf(environment),
      ...packOf(environment),
    );
    const plan = planBetween(before, exportOf(workspace, environment));
    const review = reviewEnvironment({
      environment,
      plan,
      previewText: judged.text,
      fleetDiff: fleetDiff(environment, ref),
    });
    console.log(`against ${isThere ? ref : `nothing: ${ref} does not come up here`}`);
    for (const { component, lines, unchanged } of componentChanges(plan)) {
      console.log(`${component}${unchanged > 0 ? ` (${unchanged} unchanged)` : ''}`);
      for (const line of lines) console.log(`  ${line}`);
    }
    const { after } = review.idle;
    console.log(`dollars a month idle: ${idleUsdPerMonth(after).toFixed(2)}`);
    for (const line of after) console.log(`  ${describeIdle(line)}`);
    console.log(`\n${review.text}`);
    const checks = checkRepository();
    for (const one of checks) console.log(describeOutcome(one));
    console.log('tests: left out: npm cit && npm run check');
    const isFailed = checks.some(({ outcome }) => outcome === 'failed');
    if (judged.status !== 0 || review.isRefused || isFailed) process.exitCode = 1;
  } finally {
    workspace.close();
  }
}

/** @returns whether the commit's program is there now; else the stack is empty, and everything counts as new */
function bringUp(workspace: EngineWorkspace, environment: string, ref: string): boolean {
  const base = openCommitted(ref);
  try {
    workspace.fill(base.folder);
    workspace.init(environment, base.folder);
    const { status } = workspace.run('up', '--yes', '--skip-preview', ...stackOf(environment));
    return status === 0;
  } finally {
    base.close();
    workspace.fill(ROOT);
    workspace.configure(environment);
  }
}

function exportOf(workspace: EngineWorkspace, environment: string): StackExport {
  const { status, text } = workspace.run('stack', 'export', '--stack', environment);
  if (status !== 0) throw new Error(text);
  return parseExport(text.slice(text.indexOf('{'), text.lastIndexOf('}') + 1));
}

function fleetDiff(environment: string, ref: string): string {
  const values = ['fleet', 'diff', '--env', environment, '--against', ref];
  const program = join(ROOT, 'cli/tierwatch.js');
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...values], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stderr);
  return stdout;
}

function stackOf(environment: string): string[] {
  return ['--stack', environment, '--non-interactive'];
}

function packOf(environment: string): string[] {
  return ['--policy-pack', 'policies', '--policy-pack-config', `policies/${environment}.json`];
}

main(process.argv.slice(2));
