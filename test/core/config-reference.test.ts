import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { renderConfigurationReference } from '../../core/config-reference';
import { renderFleetSchema } from '../../core/fleet/json-schema';
import { cameraEntrySchema } from '../../core/fleet/schema';
import { gpuSchema } from '../../core/infra-config/gpu';

const written = readFileSync(join(__dirname, '../../docs/configuration.md'), 'utf8');

it('is what docs/configuration.md says; `npx tsx docs/generate.ts` writes it anew', () => {
  expect(written).toBe(renderConfigurationReference());
});

it('is what editors check fleet files by, and every fleet file names it', () => {
  const folder = join(__dirname, '../../fleet');
  expect(readFileSync(join(folder, 'schema.json'), 'utf8')).toBe(renderFleetSchema());
  const files = readdirSync(folder).filter((name) => name.endsWith('.yaml'));
  const lines = files.map((name) => readFileSync(join(folder, name), 'utf8').split('\n')[0]);
  expect(lines).toEqual(files.map(() => '# yaml-language-server: $schema=schema.json'));
});

it('gives bounds, default and unit of a setting', () => {
  expect(written).toContain(
    '| `sampleIntervalSeconds` | number 0.1 to 60 | `5` | Seconds between samples |',
  );
  expect(written).toContain(
    '| `cameraSilentMinutes` | number 1 to 10080 or null | `null` | A health alert when nothing landed for this long (min); null: never |',
  );
});

it('names every setting of a camera and gives each a meaning', () => {
  const missing = Object.keys(cameraEntrySchema.shape).filter(
    (name) => !written.includes(`| \`${name}\` |`),
  );
  const rows = written.split('\n').filter((line) => line.startsWith('| `'));
  expect(missing).toEqual([]);
  expect(rows.filter((line) => line.endsWith('|  |'))).toEqual([]);
});

it('names each key inside an environment’s settings, lists and alternatives, and gives it a meaning', () => {
  const inside = written.split('\n').flatMap((line) => /^\| `(gpu\.[^`]+)`/.exec(line)?.[1] ?? []);
  const { schedules, challenger, capture, async: later } = gpuSchema.shape;
  const keysOf = (name: string, shape: object) => Object.keys(shape).map((key) => `${name}.${key}`);
  expect(inside.toSorted()).toEqual(
    [
      ...keysOf('gpu', gpuSchema.shape),
      ...keysOf('gpu.schedules[]', schedules.element.shape),
      ...keysOf('gpu.challenger', challenger.unwrap().shape),
      ...keysOf('gpu.capture', capture.unwrap().shape),
      ...keysOf('gpu.async', later.unwrap().shape),
      ...['gpu.power.start', 'gpu.power.stop', 'gpu.power.timezone'],
    ].toSorted(),
  );
  expect(written).toContain(
    '| `gpu.schedules[].min` | integer 1 to 1000 | required | Least environments kept warm from then on |',
  );
});
