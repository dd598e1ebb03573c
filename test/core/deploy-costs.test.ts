import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { assumedLinesOf } from '../../core/assumed-cost';
import { parseFleet } from '../../core/fleet/parse';
import { resolveCamera } from '../../core/fleet/resolve';

const ROOT = join(__dirname, '../..');
const docs = readFileSync(join(ROOT, 'docs/deploy.md'), 'utf8');

/** Dollars a month, analytics left out, of a hundred cameras of a tier, by the retention of an environment's fleet file. */
function dollarsOf(environment: string, tier: string): string {
  const file = `fleet/${environment}.yaml`;
  const { retention } = parseFleet(file, readFileSync(join(ROOT, file), 'utf8'));
  const text = `retention: ${JSON.stringify(retention)}\ncameras: { a/b: { tier: ${tier} } }`;
  const { settings } = resolveCamera(parseFleet(file, text), 'a/b', '2026-11-20T08:00:00.000Z');
  const lines = assumedLinesOf(settings).lines.filter(({ name }) => name !== 'analytics');
  return `$${Math.round(100 * lines.reduce((sum, { usdPerMonth }) => sum + usdPerMonth, 0))}`;
}

it.each([
  ['100 cameras of tier `low`: compute, requests, storage', 'low'],
  ['100 of tier `steady`', 'steady'],
])('docs/deploy.md has what the price book says: %s', (line, tier) => {
  const [dev, prod] = [dollarsOf('dev', tier), dollarsOf('prod', tier)];
  expect(docs).toContain(`| ${line} | ${dev} | ${prod} |`);
});
