import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Database } from '../../adapters/embedded/database';
import { cameraLineSchema, keyLineSchema, segmentLineSchema } from '../../core/listings';
import { runCli } from './run-cli';

const LOBBY = join(__dirname, '../../demo/footage/harbour-depot/lobby/20261102T080000Z_60s.mp4');
const OWN_KEY = 'cctv/lobby/20261102-080000.mp4';
const SEGMENT_KEY = 'depot/lobby/20261102T080000Z_60s.mp4';

let folder: string;
const at = (name: string): string => join(folder, name);
const start = (...more: string[]) =>
  runCli(
    ...['start', '--once', '--footage', at('footage'), '--fleet', at('fleet.yaml')],
    ...['--data', at('data'), ...more],
  );

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tierwatch-keys-'));
  mkdirSync(at('footage/cctv/lobby'), { recursive: true });
  cpSync(LOBBY, at(`footage/${OWN_KEY}`));
  writeFileSync(at('footage/cctv/lobby/20261102-090000.mp4'), 'not a video');
  writeFileSync(
    at('fleet.yaml'),
    `
keyPatterns: [{ pattern: 'cctv/{camera}/{start:yyyyMMdd-HHmmss}.mp4', site: depot }]
defaults: { classes: [person, vehicle] }
retention: { eventDays: 0, quietDays: 0 }
cameras: { depot/lobby: {} }
`,
  );
  writeFileSync(at('keys.txt'), `${OWN_KEY}\ncctv/yard/20261102-080000.mp4\nnotes.txt\n`);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('footage in a customer’s own layout', () => {
  it('is explained key by key before anything is worked', () => {
    const { status, stdout, stderr } = runCli(
      ...['fleet', 'check', at('fleet.yaml'), '--keys', at('keys.txt'), '--json'],
    );
    const checks = stdout.trim().split('\n');
    expect(checks.map((line) => keyLineSchema.parse(JSON.parse(line)))).toMatchObject([
      { key: OWN_KEY, isKnown: true, mapped: { camera: 'depot/lobby', seconds: null } },
      { isKnown: false, mapped: { camera: 'depot/yard' } },
      { key: 'notes.txt', mapped: null },
    ]);
    expect([status, stderr]).toEqual([3, expect.stringMatching(/2 of 3 keys name a segment, 1/)]);
  });

  it('is worked under the segment key that it stands for, its length probed', () => {
    const { status, stdout } = start();
    expect([status, stdout]).toEqual([3, expect.stringMatching(/depot\/lobby +1 /)]);
    const segments = runCli('segments', '--data', at('data'), '--json').stdout.trim().split('\n');
    expect(segments.map((line) => segmentLineSchema.parse(JSON.parse(line)))).toMatchObject([
      {
        status: 'quarantined',
        segmentKey: 'cctv/lobby/20261102-090000.mp4',
        note: expect.stringMatching(/\[unreadable-video\]/),
      },
      { status: 'done', segmentKey: SEGMENT_KEY },
    ]);
  });

  it('shows in the list of cameras, with when it landed', () => {
    const [line, ...rest] = runCli('cameras', '--data', at('data'), '--json')
      .stdout.trim()
      .split('\n');
    expect(cameraLineSchema.parse(JSON.parse(line!))).toMatchObject({
      camera: 'depot/lobby',
      segments: 1,
      overlaps: [],
      silentSince: null,
      lastLandedAt: expect.stringMatching(/Z$/),
    });
    expect(rest).toEqual([]);
  });

  it('is found again by a rerun, and by retention', () => {
    const rerun = runCli(
      ...['rerun', '--camera', 'depot/lobby', '--since', '2026-11-01T00:00:00Z'],
      ...['--footage', at('footage'), '--fleet', at('fleet.yaml'), '--data', at('data')],
    );
    expect([rerun.status, rerun.stderr]).toEqual([0, expect.stringMatching(/100.0 % of events/)]);
    const promoted = runCli(
      ...[
        'rerun',
        '--camera',
        'depot/lobby',
        '--since',
        '2026-11-01T00:00:00Z',
        '--tier',
        'steady',
      ],
      ...['--footage', at('footage'), '--fleet', at('fleet.yaml'), '--data', at('data')],
      '--promote',
    );
    expect(promoted.status).toBe(0);
    const shown = runCli(
      ...['analytics', 'quiet-share', '--data', at('data'), '--since', '2026-11-01T00:00:00Z'],
      '--json',
    ).stdout;
    expect(
      shown
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toMatchObject([{ tier: 'steady' }]);
    expect(start('--retention', 'enforce').stderr).toMatch(/retention deleted 1 files/);
    expect(existsSync(at(`footage/${OWN_KEY}`))).toBe(false);
  });
});

it('refuses to start where a tier’s model is not there, naming those that are', () => {
  writeFileSync(at('models.yaml'), 'tiers: { steady: { model: yolox-nano } }');
  const { status, stderr } = runCli(
    'start',
    '--once',
    '--fleet',
    at('models.yaml'),
    '--data',
    at('d2'),
  );
  expect([status, stderr]).toEqual([
    1,
    expect.stringMatching(/"yolox-nano": .* expected one of default; .*\[model-bundle\]/),
  ]);
});

it('works a tier’s footage by the model that the tier names', () => {
  mkdirSync(at('models'));
  cpSync(join(__dirname, '../../model-build/default'), at('models/second'), { recursive: true });
  const manifest = join(at('models/second'), 'manifest.json');
  const changed = { ...JSON.parse(readFileSync(manifest, 'utf8')), name: 'second' };
  writeFileSync(manifest, JSON.stringify(changed));
  writeFileSync(at('models.yaml'), 'tiers: { low: { model: second }, steady: { model: second } }');
  mkdirSync(at('one/depot/lobby'), { recursive: true });
  cpSync(LOBBY, at(`one/${SEGMENT_KEY}`));
  const options = ['--fleet', at('models.yaml'), '--models', at('models'), '--data', at('d3')];
  expect(runCli('start', '--once', '--footage', at('one'), ...options).status).toBe(0);
  const rerun = ['rerun', '--camera', 'depot/lobby', '--since', '2026-11-01T00:00:00Z'];
  const again = [...rerun, '--tier', 'steady', '--footage', at('one')];
  expect(runCli(...again, ...options).status).toBe(0);
  const database = Database.openReadOnly(at('d3'));
  const items = database.all('SELECT item FROM items').map(({ item }) => JSON.parse(String(item)));
  database.close();
  const model = expect.stringMatching(/^second/);
  expect(items.map((item) => ({ tier: item.tier, model: item.model })).sort(byTier)).toEqual([
    { tier: 'low', model },
    { tier: 'steady', model },
  ]);
  const { status, stderr } = runCli(...again, '--fleet', at('models.yaml'), '--data', at('d3'));
  expect([status, stderr]).toEqual([1, expect.stringMatching(/"second": .* \[model-bundle\]/)]);
});

function byTier(a: { tier: string }, b: { tier: string }): number {
  return a.tier.localeCompare(b.tier);
}
