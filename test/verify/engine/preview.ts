import { idleUsdPerMonth } from '../../../core/idle-cost';
import { US_EAST_1 } from '../../../core/prices/us-east-1';
import { planSchema, reviewIdleCost } from '../../../core/review';
import { describeIdle, policyFindings } from '../../../core/review-report';
import { EngineWorkspace } from './engine';

/** `npm run preview -- ENV`: what `pulumi up` would create, by component, and what the policies say; without an account. */
function main([environment = 'dev']: readonly string[]): void {
  const workspace = EngineWorkspace.open();
  try {
    workspace.init(environment);
    const { status, text } = workspace.run(
      'preview',
      '--json',
      '--stack',
      environment,
      '--non-interactive',
    );
    if (status !== 0) throw new Error(text);
    const plan = planSchema.parse(
      JSON.parse(text.slice(text.indexOf('{'), text.lastIndexOf('}') + 1)),
    );
    const components = new Map<string, Map<string, number>>();
    for (const { urn } of plan.steps) {
      const [, , types = '', name = ''] = urn.split('::');
      const chain = types.split('$');
      const type = chain.at(-1)!;
      if (!type.startsWith('aws')) continue;
      const component =
        chain
          .find((one) => one.startsWith('tierwatch:'))
          ?.split(':')
          .at(-1) ?? 'platform';
      const counts = components.get(component) ?? new Map<string, number>();
      const short = type.split(':').at(-1)!;
      const isMany = short === 'BucketObjectv2';
      const key = isMany ? short : `${short} ${name}`;
      components.set(component, counts.set(key, (counts.get(key) ?? 0) + 1));
    }
    for (const [component, counts] of [...components].sort(([a], [b]) => a.localeCompare(b))) {
      console.log(component);
      for (const [line, count] of counts) console.log(`  ${line}${count > 1 ? ` (${count})` : ''}`);
    }
    const { after } = reviewIdleCost(plan, US_EAST_1);
    console.log(`dollars a month idle: ${idleUsdPerMonth(after).toFixed(2)}`);
    for (const line of after) console.log(`  ${describeIdle(line)}`);
    // An update of the stand-in: only then are all values known, and every rule can judge.
    const pack = [
      '--policy-pack',
      'policies',
      '--policy-pack-config',
      `policies/${environment}.json`,
    ];
    const options = ['--yes', '--skip-preview', '--stack', environment, '--non-interactive'];
    const updated = workspace.run('up', ...options, ...pack);
    const findings = policyFindings(updated.text);
    console.log('policies');
    for (const line of findings.length > 0 ? findings : ['nothing found']) console.log(`  ${line}`);
    if (updated.status !== 0) process.exitCode = 1;
  } finally {
    workspace.close();
  }
}

main(process.argv.slice(2));
