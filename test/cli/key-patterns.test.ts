import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
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
    expect(checks.map((line) => JSON.parse(line))).toMatchObject([
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
    expect(segments.map((line) => JSON.parse(line))).toMatchObject([
      {
        status: 'quarantined',
        segmentKey: 'cctv/lobby/20261102-090000.mp4',
        note: expect.stringMatching(/\[unreadable-video\]/),
      },
      { status: 'done', segmentKey: SEGMENT_KEY },
    ]);
  });

  it('is found again by a rerun, and by retention', () => {
    const rerun = runCli(
      ...['rerun', '--camera', 'depot/lobby', '--since', '2026-11-01T00:00:00Z'],
      ...['--footage', at('footage'), '--fleet', at('fleet.yaml'), '--data', at('data')],
    );
    expect([rerun.status, rerun.stderr]).toEqual([0, expect.stringMatching(/100.0 % of events/)]);
    expect(start('--retention', 'enforce').stderr).toMatch(/retention deleted 1 files/);
    expect(existsSync(at(`footage/${OWN_KEY}`))).toBe(false);
  });
});
