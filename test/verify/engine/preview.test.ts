import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const ROOT = join(__dirname, '../../..');

it('npm run preview reviews the working tree against a commit, and names what it left out', () => {
  const values = [
    'cli/run-typescript.js',
    'test/verify/engine/preview.ts',
    'dev',
    '--against',
    'HEAD',
  ];
  const { stdout, stderr } = spawnSync(process.execPath, values, { cwd: ROOT, encoding: 'utf8' });
  expect([stdout, stderr]).toEqual([expect.stringMatching(/^against HEAD\n/), expect.any(String)]);
  expect(stdout).toMatch(/ImageFunction \(\d+ unchanged\)/);
  expect(stdout).toMatch(/dollars a month idle: \d\.\d\d\n {2}\w+ tierwatch-dev/);
  for (const title of ['Resources', 'Roles', 'Policies', 'Cameras and dollars a month']) {
    expect(stdout).toContain(`**${title}**\n\n`);
  }
  expect(stdout).toMatch(/dependencies \(npm audit\): (passed|left out): /);
  expect(stdout).toMatch(/workflows \(actionlint\): (passed|left out): /);
  expect(stdout).toContain('tests: left out: npm cit && npm run check');
});
