import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { COPIED } from './engine';

const ROOT = join(__dirname, '../../..');

function git(...values: string[]): string {
  return execFileSync('git', values, { cwd: ROOT, encoding: 'utf8' }).trim();
}

/** Where this branch left main; without a main, the last commit. */
export function defaultBase(): string {
  for (const main of ['main', 'origin/main']) {
    const { status, stdout } = spawnSync('git', ['merge-base', 'HEAD', main], {
      cwd: ROOT,
      encoding: 'utf8',
    });
    if (status === 0) return stdout.trim();
  }
  return 'HEAD';
}

/**
 * The program and its configuration as they are in a commit, in a temporary folder.
 * @throws {Error} for no such commit
 */
export function openCommitted(ref: string): { readonly folder: string; close(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'tierwatch-base-'));
  const close = (): void => rmSync(folder, { recursive: true, force: true });
  try {
    const commit = git('rev-parse', '--verify', '--end-of-options', `${ref}^{commit}`);
    const there = git('ls-tree', '-r', '--name-only', commit).split('\n');
    const isThere = (name: string): boolean =>
      there.some((file) => file === name || file.startsWith(`${name}/`));
    const stacks = there.filter((file) => /^Pulumi(\.\w+)?\.yaml$/.test(file));
    const paths = [...COPIED.filter(isThere), ...stacks];
    const archive = execFileSync('git', ['archive', commit, '--', ...paths], {
      cwd: ROOT,
      maxBuffer: 256 * 1024 * 1024,
    });
    execFileSync('tar', ['-x', '-C', folder], { input: archive });
    return { folder, close };
  } catch (error) {
    close();
    throw error;
  }
}
