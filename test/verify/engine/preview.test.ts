import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { STEP_NAMES } from './pull-request-steps';

const ROOT = join(__dirname, '../../..');

const preview = (...values: string[]) =>
  spawnSync(
    process.execPath,
    ['cli/run-typescript.js', 'test/verify/engine/preview.ts', ...values],
    { cwd: ROOT, encoding: 'utf8' },
  );

it('npm run preview takes the steps of a pull request against a commit, and names what it left out', () => {
  const skipped = ['--skip-tests', '--skip-check'];
  const { stdout, stderr } = preview('dev', '--against', 'HEAD', ...skipped);
  const steps = stdout.split('\n').filter((line) => line.startsWith('== '));
  expect([steps, stderr]).toEqual([
    [...STEP_NAMES.map((name) => `== ${name}`), '== in short'],
    expect.any(String),
  ]);
  expect(stdout).toMatch(/ImageFunction \(\d+ unchanged\)/);
  expect(stdout).toMatch(/dollars a month idle: \d\.\d\d\n {2}\w+ tierwatch-dev/);
  for (const title of ['Resources', 'Roles', 'Policies', 'Cameras and dollars a month']) {
    expect(stdout).toContain(`**${title}**\n\n`);
  }
  expect(stdout).toMatch(/dependencies \(npm audit\): (passed|left out): /);
  expect(stdout).toMatch(/workflows \(actionlint\): (passed|left out): /);
  const inShort = stdout.slice(stdout.indexOf('== in short')).trim().split('\n').slice(1);
  expect(inShort).toEqual([
    'tests: left out: npm cit, by --skip-tests',
    'check: left out: npm run check, by --skip-check',
    expect.stringMatching(/^repository: (passed|left out): /),
    expect.stringMatching(/^environments: passed: list=\[.*\]$/),
    'plan: passed: against HEAD',
    'fleet: passed: npx tierwatch fleet diff',
    'policies: passed: pulumi up --policy-pack ended 0',
    'review: passed: every permission that a role wins has its reason',
  ]);
});

it.each([
  ['an environment that there is not', ['qa']],
  ['a flag that it does not know', ['dev', '--fast']],
])('npm run preview says how it is called where it is given %s', (_, values) => {
  const { status, stdout, stderr } = preview(...values);
  expect([status, stdout]).toEqual([2, '']);
  expect(stderr).toMatch(
    /^Usage: npm run preview -- ENVIRONMENT .*\n {2}ENVIRONMENT {3}dev, prod, staging;/,
  );
});
