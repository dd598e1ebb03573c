import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { keyPatternSchema, patternParts } from '../../core/key-patterns';
import { LOOK_AGES_DAYS, looksOfCamera, sharedLooks } from '../../core/layout-looks';
import { US_EAST_1 } from '../../core/prices/us-east-1';
import { lookThrough, MAX_LOOK_KEYS } from '../../core/unanalysed';
import { MemoryStore } from '../fakes/memory-store';

const NOW = '2026-11-27T20:00:00.000Z';
const layouts = (pattern: string, more: object = {}) => ({
  keyPatterns: [keyPatternSchema.parse({ pattern, ...more })],
  sites: { mall: { timezone: 'Australia/Melbourne' } },
});

describe('where footage of a customer’s own layout is looked for', () => {
  it.each([
    ['{site}/{camera}/{start:yyyy-MM-dd/HH-mm-ss}.mp4', 'mall/door/2026-11-22/', true],
    ['{camera}-{seconds}-{start:yyyyMMddHHmm}.ts', 'door-', true],
    ['{site}/{start:yyyy/MM/dd/HHmmss}_{camera}.mp4', 'mall/2026/11/22/', false],
    ['{start:HHmm-ddMMyyyy}-{site}-{camera}.mkv', '', false],
  ])('%s: under "%s"', (pattern, prefix, isByCamera) => {
    const of = layouts(pattern);
    const byCamera = looksOfCamera(of, 'mall/door', NOW);
    const shared = sharedLooks(of, ['mall'], NOW);
    expect([byCamera[0], shared[0]]).toEqual(
      isByCamera ? [prefix, undefined] : [undefined, prefix],
    );
  });

  it('looks five times at a day, by the site’s own date where its keys have local times', () => {
    const of = layouts('{camera}/{start:yyyyMMdd-HHmmss}.mp4', { site: 'mall', time: 'local' });
    const days = ['20261123', '20261122', '20261121', '20261114', '20261031'];
    expect(LOOK_AGES_DAYS).toEqual([5, 6, 7, 14, 28]);
    expect(looksOfCamera(of, 'mall/door', NOW)).toEqual(days.map((day) => `door/${day}-`));
    expect(looksOfCamera(of, 'other/door', NOW)).toEqual([]);
  });

  it('takes a pattern apart', () => {
    expect(patternParts('a/{site}_{start:yyyyMMdd}T{end:HHmm}.mp4')).toEqual([
      { literal: 'a/' },
      { field: 'site' },
      { literal: '_' },
      { field: 'yyyy' },
      { field: 'MM' },
      { field: 'dd' },
      { literal: 'T' },
      { field: 'end' },
      { literal: '.mp4' },
    ]);
  });
});

it('a look lists so many keys and no more, and says that there are others', async () => {
  let listed = 0;
  const shelf = {
    async *list() {
      for (;;) yield { objectKey: `${listed++}.txt`, objectVersion: 'v', bytes: 1 };
    },
  };
  const looked = await lookThrough('', {
    ...{ shelf, store: new MemoryStore() },
    quarantine: { isRejected: async () => false },
    mapKey: () => ({ mapped: null, reason: 'none' }),
  });
  expect([looked, listed]).toEqual([{ oldest: null, isCapped: true }, MAX_LOOK_KEYS + 1]);
});

it('costs what docs/deploy.md says', () => {
  const { usd } = US_EAST_1.prices['s3.put'];
  const keysPerListing = 1000;
  const listings = LOOK_AGES_DAYS.length * Math.ceil(1440 / keysPerListing) * 30.4;
  const docs = readFileSync(join(__dirname, '../../docs/deploy.md'), 'utf8');
  for (const [cameras, dollars] of [
    [100, 2],
    [100_000, 0],
  ] as const) {
    const requests = Math.round(listings * cameras);
    const cost = (requests * usd).toFixed(dollars);
    expect(docs).toContain(
      `| ${cameras.toLocaleString('en')} | ${requests.toLocaleString('en')} | ${cost} |`,
    );
  }
});
