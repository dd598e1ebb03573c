import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { EngineWorkspace } from './engine';

let workspace: EngineWorkspace;
beforeAll(() => {
  workspace = EngineWorkspace.open();
}, 600_000);
afterAll(() => workspace?.close());

const stack = ['--stack', 'dev', '--non-interactive'];
const pem = (): string => {
  const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return JSON.stringify(publicKey.export({ type: 'spki', format: 'pem' }));
};

it('dev with a page: refused until it is built, created, unchanged, its key rotated, destroyed', () => {
  workspace.init('dev');
  const [first, second] = [pem(), pem()];
  workspace.edit('Pulumi.dev.yaml', (text) =>
    text.replace(
      /^config:\n/m,
      `config:\n  tierwatch:page: cloudfront\n  tierwatch:footageKeys: [${first}]\n`,
    ),
  );
  const up = ['up', '--yes', '--skip-preview', ...stack];
  const refused = workspace.run(...up);
  expect([refused.status === 0, refused.text]).toEqual([
    false,
    expect.stringMatching(/tierwatch:page: expected the built page in .*npx vite build dashboard/),
  ]);
  expect(refused.text).not.toMatch(/aws:/);

  const page = join(workspace.folder, '.cache/dashboard');
  mkdirSync(join(page, 'assets'), { recursive: true });
  writeFileSync(join(page, 'index.html'), '<!doctype html>');
  writeFileSync(join(page, 'assets/main-1a2b3c.js'), 'export {};');
  const created = workspace.run(...up);
  expect([created.status, created.text]).toEqual([0, expect.stringMatching(/\+ \d{3} created/)]);
  expect(created.text).toMatch(/page +: "https:\/\/[\w-]+\.cloudfront\.net"/);
  const again = workspace.run('preview', '--expect-no-changes', ...stack);
  expect([again.status, again.text]).toEqual([0, expect.stringMatching(/\d{3} unchanged/)]);

  // A file of the page touches its own object.
  writeFileSync(join(page, 'index.html'), '<!doctype html><title>new</title>');
  const published = workspace.run(...up);
  expect(published.text).toMatch(/~ 1 updated/);
  expect(published.text).not.toMatch(/created|deleted|replaced/);

  // The new key joins the group before the old one leaves it.
  workspace.edit('Pulumi.dev.yaml', (text) => text.replace(`[${first}]`, `[${second}, ${first}]`));
  const joined = workspace.run(...up);
  expect([joined.status, joined.text]).toEqual([0, expect.stringMatching(/\+ 1 created/)]);
  expect(joined.text).toMatch(/~ 1 updated/);
  expect(joined.text).not.toMatch(/deleted|replaced/);

  rmSync(page, { recursive: true });
  const destroyed = workspace.run('destroy', '--yes', '--skip-preview', ...stack);
  expect([destroyed.status, destroyed.text]).toEqual([0, expect.stringMatching(/- \d+ deleted/)]);
}, 1_200_000);
