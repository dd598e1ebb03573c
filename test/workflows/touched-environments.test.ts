import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';

const SCRIPT = join(__dirname, '../../.github/touched-environments.sh');

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tierwatch-touched-'));
  git('init', '--quiet');
  git('commit', '--quiet', '--allow-empty', '--message', 'base');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function git(...values: string[]): void {
  const author = ['-c', 'user.name=test', '-c', 'user.email=test@example.com'];
  execFileSync('git', [...author, ...values], { cwd: folder });
}

it.each([
  ['docs/deploy.md', 'list=[]'],
  ['policies/rules.ts', 'list=["dev","staging","prod"]'],
  ['policies/prod.json', 'list=["prod"]'],
  ['infra/index.ts', 'list=["dev","staging","prod"]'],
  ['Pulumi.staging.yaml', 'list=["staging"]'],
  ['fleet/dev.yaml', 'list=["dev"]'],
  ['fleet/prod/north-mall.yaml', 'list=["prod"]'],
  ['test/infra/mocks.ts', 'list=[]'],
])('a change of %s touches %s', (file, list) => {
  mkdirSync(join(folder, dirname(file)), { recursive: true });
  writeFileSync(join(folder, file), 'changed\n');
  git('add', '.');
  git('commit', '--quiet', '--message', 'change');
  const printed = execFileSync('bash', [SCRIPT, 'HEAD~1'], { cwd: folder, encoding: 'utf8' });
  expect(printed).toBe(`${list}\n`);
});
