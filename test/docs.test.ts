import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const ROOT = join(__dirname, '..');

function sources(): string[] {
  return ['core', 'adapters', 'endpoint', 'handlers', 'cli', 'model-build'].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => readFileSync(join(ROOT, folder, name), 'utf8')),
  );
}

/** Of zod's own issues, which become sentences of other errors. */
const ZODS = 'custom';

it('docs/errors.md has a heading for every error code, and for no other', () => {
  const codes = new Set(
    sources().flatMap((text) =>
      [...text.matchAll(/code: '([a-z0-9-]+)'/g)].map(([, code]) => code),
    ),
  );
  codes.delete(ZODS);
  const headings = [
    ...readFileSync(join(ROOT, 'docs/errors.md'), 'utf8').matchAll(/^## (.+)$/gm),
  ].map(([, code]) => code);
  expect(headings).toEqual([...codes].sort());
});
