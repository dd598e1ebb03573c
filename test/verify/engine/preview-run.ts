import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { idleUsdPerMonth } from '../../../core/idle-cost';
import { parseExport, planBetween, type StackExport } from '../../../core/plan-between';
import { componentChanges } from '../../../core/plan-components';
import type { Plan } from '../../../core/review';
import { describeIdle } from '../../../core/review-report';
import { checkRepository, describeOutcome } from '../../../infra/repository-checks';
import { reviewEnvironment } from '../../../infra/review-environment';
import { defaultBase, openCommitted } from './committed-project';
import { EngineWorkspace, type Finished } from './engine';
import type { Outcome, StepName } from './pull-request-steps';

export const ROOT = join(__dirname, '../../..');
/** Stacks of the project. */
export const ENVIRONMENT_NAMES: readonly string[] = readdirSync(ROOT)
  .flatMap((name) => /^Pulumi\.(\w+)\.yaml$/.exec(name)?.[1] ?? [])
  .sort();

type EngineSteps = Readonly<Record<Exclude<StepName, 'tests' | 'check'>, () => Outcome>>;

/** The steps that look at an environment, each on what the ones before it left. */
export class PreviewRun implements EngineSteps {
  private readonly environment: string;
  private readonly base: string;
  private workspace: EngineWorkspace | undefined;
  private before: StackExport | undefined;
  private judged: Finished | undefined;
  private plannedChange: Plan | undefined;
  private fleetDiff: string | undefined;

  constructor({
    environment,
    against = defaultBase(),
  }: { environment: string; against?: string | undefined }) {
    this.environment = environment;
    this.base = against;
  }

  repository(): Outcome {
    const checks = checkRepository();
    for (const one of checks) console.log(describeOutcome(one));
    const names = (outcome: Outcome['outcome']) =>
      checks.filter((one) => one.outcome === outcome).map(({ name }) => name);
    const [failed, absent] = [names('failed'), names('left out')];
    if (failed.length > 0) return { outcome: 'failed', text: failed.join(', ') };
    if (absent.length > 0) return { outcome: 'left out', text: absent.join(', ') };
    return { outcome: 'passed', text: names('passed').join(', ') };
  }

  environments(): Outcome {
    const script = join(ROOT, '.github/touched-environments.sh');
    const text = execFileSync('bash', [script, this.base], { cwd: ROOT, encoding: 'utf8' }).trim();
    console.log(text);
    return { outcome: 'passed', text };
  }

  /** The program of the base, at a stand-in of AWS. */
  plan(): Outcome {
    this.workspace = EngineWorkspace.open();
    const isThere = this.bringUpBase(this.workspace);
    this.before = this.exported();
    const text = `against ${isThere ? this.base : `nothing: ${this.base} does not come up here`}`;
    console.log(text);
    return { outcome: 'passed', text };
  }

  fleet(): Outcome {
    const values = ['fleet', 'diff', '--env', this.environment, '--against', this.base];
    const program = join(ROOT, 'cli/tierwatch.js');
    const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...values], {
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(stderr);
    this.fleetDiff = stdout;
    console.log(stdout.trim());
    return { outcome: 'passed', text: 'npx tierwatch fleet diff' };
  }

  /** An update of the stand-in: only then are all values known, every rule can judge, and every role says what it may do. */
  policies(): Outcome {
    const { environment } = this;
    const pack = [
      '--policy-pack',
      'policies',
      '--policy-pack-config',
      `policies/${environment}.json`,
    ];
    const up = ['up', '--yes', '--skip-preview', ...this.stack(), ...pack];
    this.judged = this.opened().run(...up);
    const before = this.before ?? missing('plan');
    this.plannedChange = planBetween(before, this.exported());
    for (const { component, lines, unchanged } of componentChanges(this.plannedChange)) {
      console.log(`${component}${unchanged > 0 ? ` (${unchanged} unchanged)` : ''}`);
      for (const line of lines) console.log(`  ${line}`);
    }
    const text = `pulumi up --policy-pack ended ${this.judged.status}`;
    return { outcome: this.judged.status === 0 ? 'passed' : 'failed', text };
  }

  /** The comment of the pull request. */
  review(): Outcome {
    const { idle, text, isRefused } = reviewEnvironment({
      environment: this.environment,
      plan: this.plannedChange ?? missing('policies'),
      previewText: this.judged?.text ?? missing('policies'),
      fleetDiff: this.fleetDiff ?? missing('fleet'),
    });
    console.log(`dollars a month idle: ${idleUsdPerMonth(idle.after).toFixed(2)}`);
    for (const line of idle.after) console.log(`  ${describeIdle(line)}`);
    console.log(`\n${text}`);
    return isRefused
      ? { outcome: 'failed', text: 'a role wins what nobody gave a reason for' }
      : { outcome: 'passed', text: 'every permission that a role wins has its reason' };
  }

  close(): void {
    this.workspace?.close();
  }

  private opened(): EngineWorkspace {
    return this.workspace ?? missing('plan');
  }

  /** @returns whether the commit's program is there now; else the stack is empty, and everything counts as new */
  private bringUpBase(workspace: EngineWorkspace): boolean {
    const base = openCommitted(this.base);
    try {
      workspace.fill(base.folder);
      workspace.init(this.environment, base.folder);
      return workspace.run('up', '--yes', '--skip-preview', ...this.stack()).status === 0;
    } finally {
      base.close();
      workspace.fill(ROOT);
      workspace.configure(this.environment);
    }
  }

  private exported(): StackExport {
    const { status, text } = this.opened().run('stack', 'export', '--stack', this.environment);
    if (status !== 0) throw new Error(text);
    return parseExport(text.slice(text.indexOf('{'), text.lastIndexOf('}') + 1));
  }

  private stack(): string[] {
    return ['--stack', this.environment, '--non-interactive'];
  }
}

function missing(step: StepName): never {
  throw new Error(`expected what "${step}" gives, found none: it failed`);
}
