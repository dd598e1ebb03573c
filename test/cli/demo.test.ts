import {
  copyFileSync,
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
import { SqliteQueue } from '../../adapters/embedded/sqlite-queue';
import { deadLetterLineSchema, eventChangeSchema } from '../../core/listings';
import { detectionEventSchema, segmentResultSchema } from '../../core/segment-result';
import { type Finished, runCli } from './run-cli';

const ROOT = join(__dirname, '../..');
const VIDEO = 'demo/footage/harbour-depot/lobby/20261102T080000Z_60s.mp4';
let folder: string;
let first: Finished;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tierwatch-demo-'));
  first = runCli('start', '--once', '--data', folder);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Truth {
  readonly startedAt: string;
  readonly events: readonly { className: string; fromSeconds: number; toSeconds: number }[];
}

describe('the demo: three cameras, the shipped model', () => {
  it('ends 0 with a summary of its six segments', () => {
    expect([first.status, first.stderr]).toEqual([0, expect.stringMatching(/demo grade/)]);
    const rows = first.stdout.split('\n').filter((line) => line.startsWith('harbour-depot/'));
    expect(rows.map((row) => row.split(/\s+/).slice(0, 2))).toEqual([
      ['harbour-depot/car-park', '2'],
      ['harbour-depot/lobby', '2'],
      ['harbour-depot/street', '2'],
    ]);
  });

  it('finds every true event of every camera, and no other', () => {
    const truth = JSON.parse(readFileSync(join(ROOT, 'demo/truth.json'), 'utf8')) as Record<
      string,
      Truth
    >;
    const { stdout } = runCli('events', '--data', folder, '--json');
    const found = stdout
      .trim()
      .split('\n')
      .map((line) => detectionEventSchema.parse(JSON.parse(line)));
    for (const [camera, { startedAt, events }] of Object.entries(truth)) {
      const seconds = (at: string): number => (Date.parse(at) - Date.parse(startedAt)) / 1000;
      const here = found.filter((event) => event.camera === camera);
      const matched = events.map(
        ({ className, fromSeconds, toSeconds }) =>
          here.filter(
            (event) =>
              event.className === className &&
              seconds(event.startedAt) < toSeconds &&
              seconds(event.endedAt) > fromSeconds,
          ).length,
      );
      expect([camera, matched, here.length]).toEqual([camera, events.map(() => 1), events.length]);
    }
  });

  it('raises the early visitor’s alert once, also when it is started again', () => {
    const again = runCli('start', '--once', '--data', folder);
    const alerts = (out: string): string[] =>
      out.split('\n').filter((line) => line.startsWith('alert '));
    expect(alerts(first.stdout)).toHaveLength(1);
    expect(JSON.parse(alerts(first.stdout)[0]!.slice(6))).toMatchObject({
      camera: 'harbour-depot/car-park',
      rule: 'early-visitor',
      className: 'person',
    });
    expect([again.status, alerts(again.stdout)]).toEqual([0, []]);
    const summaryOf = (out: string): string[] => out.trim().split('\n').slice(-7);
    expect(again.stderr).toMatch(/\nnothing new in .*: all 6 files are known from earlier runs\n$/);
    expect(first.stderr).toMatch(
      /\n6 segments done, 0 behind, 7 events, 0 quarantined, \d+x realtime\n$/,
    );
    expect(again.stdout.trim().split('\n')).toEqual(summaryOf(first.stdout));
  });

  it('answers detect --json with one SegmentResult a file', () => {
    const file = VIDEO;
    const { status, stdout } = runCli(
      'detect',
      file,
      file,
      '--json',
      '--tier',
      'exhaustive',
      '--every',
      '2',
    );
    const results = stdout
      .trim()
      .split('\n')
      .map((line) => segmentResultSchema.parse(JSON.parse(line)));
    expect([status, results.length]).toEqual([0, 2]);
    expect(results[0]).toMatchObject({
      file,
      framesSampled: 30,
      framesInferred: 30,
      status: 'done',
    });
    expect(results[0]!.frames.every(({ source }) => source === 'inferred')).toBe(true);
  });
});

describe('rerun', () => {
  const camera = ['--camera', 'harbour-depot/lobby', '--since', '2026-11-02T00:00:00Z', '--json'];
  const eventsNow = (): string => runCli('events', '--data', folder, '--json').stdout;

  it('by another tier adds analyses, tells the difference, and changes nothing until it is promoted', () => {
    const before = eventsNow();
    const same = runCli('rerun', ...camera, '--data', folder);
    expect([same.status, same.stdout]).toEqual([0, '']);
    const exhaustive = runCli('rerun', ...camera, '--data', folder, '--tier', 'exhaustive');
    expect([exhaustive.status, exhaustive.stderr]).toEqual([
      0,
      expect.stringMatching(/100.0 % of events kept/),
    ]);
    expect(exhaustive.stdout).not.toMatch(/"lost"/);
    expect(eventsNow()).toBe(before);
    const blind = runCli('rerun', ...camera, '--data', folder, '--fleet', blindFleet());
    const changes = blind.stdout
      .trim()
      .split('\n')
      .map((line) => eventChangeSchema.parse(JSON.parse(line)));
    expect(changes.filter(({ change }) => change === 'lost').length).toBeGreaterThanOrEqual(2);
    expect(eventsNow()).toBe(before);
    const promoted = runCli(
      'rerun',
      ...camera,
      '--data',
      folder,
      '--fleet',
      blindFleet(),
      '--promote',
    );
    expect([promoted.status, promoted.stdout.includes('alert')]).toEqual([0, false]);
    expect(eventsNow()).not.toMatch(/harbour-depot\/lobby/);
  });

  /** A fleet whose confidence nobody reaches. */
  function blindFleet(): string {
    const file = join(folder, 'blind.yaml');
    writeFileSync(
      file,
      'defaults: { classes: [person, vehicle], minConfidence: 0.99, tier: steady }\n',
    );
    return file;
  }
});

it('starts nothing with a bundle that lacks a graph', () => {
  const bundle = join(folder, 'bundle');
  mkdirSync(bundle);
  copyFileSync(join(ROOT, 'model-build/default/manifest.json'), join(bundle, 'manifest.json'));
  const data = join(folder, 'unused');
  const { status, stdout, stderr } = runCli('start', '--once', '--model', bundle, '--data', data);
  expect([status, stdout, existsSync(data)]).toEqual([1, '', false]);
  expect(stderr).toMatch(/expected the file that the manifest names, found none/);
});

describe('what lies in the gpu lane’s queue', () => {
  it('is listed with the rest, waiting or dead, and put back', async () => {
    const data = join(folder, 'gpu-queue');
    const database = Database.open(data);
    const clock = { now: () => new Date() };
    const queue = new SqliteQueue(database, 'gpu', clock);
    await queue.send([{ body: { segmentKey: 'a/b/dead.mp4', range: '0-60000' } }]);
    for (let delivery = 1; delivery <= 5; delivery++) {
      const [one] = await queue.receive({ max: 1, visibilitySeconds: 60 });
      await queue.release(one!.receiptHandle, { afterSeconds: 0, cause: 'a test' });
    }
    await queue.send([{ body: { segmentKey: 'a/b/waits.mp4', range: '0-60000' } }]);
    database.close();
    const of = (...values: string[]): string => runCli(...values, '--data', data).stdout;
    expect(of('dead-letters', 'list')).toMatch(
      /^1 {2}detect-gpu {2}\S+ {2}a\/b\/dead.mp4 {2}a test\n$/,
    );
    const listed = JSON.parse(of('dead-letters', 'list', '--json'));
    expect(deadLetterLineSchema.parse(listed)).toMatchObject({ queue: 'detect-gpu', id: '1' });
    expect(of('segments', '--status', 'waiting')).toMatch(
      /a\/b\/waits.mp4 {2}0-60000 ms, for detect-gpu/,
    );
    expect(runCli('dead-letters', 'redrive', '1', '7', '--data', data)).toEqual({
      status: 1,
      stdout: '',
      stderr:
        'tierwatch: "7": expected the id of a dead letter, found none; see "tierwatch dead-letters list" [usage]\n',
    });
    expect(of('dead-letters', 'redrive')).toBe('1 dead letter put back into the queue\n');
  });
});

describe('a user’s mistake', () => {
  it.each([
    [['detect', 'no-such-file.mp4'], 1, /"no-such-file.mp4": expected a file, found none/],
    [['detect', 'package.json'], 3, /package.json": expected MP4, MPEG-TS or MKV/],
    [
      ['detect', 'demo/truth.json', '--tier', 'hihg'],
      1,
      /expected low, steady, high or exhaustive/,
    ],
    [['start', '--footage', 'no-such-folder', '--once'], 1, /expected a folder of footage/],
    [['start', '--footage', 'docs', '--data', 'docs', '--once'], 1, /a folder outside the footage/],
    [['start', '--footage', 'docs', '--data', 'docs/data', '--once'], 1, /within "docs"; name/],
    [['start', '--model', 'demo', '--once'], 1, /expected a model bundle, found no manifest.json/],
    [['start', '--data', 'package.json', '--once'], 1, /name another/],
    [['fleet', 'check', 'no-such.yaml'], 1, /expected a fleet file/],
    [['fleet', 'show', 'lobby'], 1, /"lobby": expected site\/camera/],
    [['detect', 'demo'], 1, /"demo": expected a file, found a folder/],
    [['detect', 'demo/truth.json', '--min-confidence', '5'], 2, /expected a number from 0 to 1/],
    [
      ['land', VIDEO, '--camera', 'a/b', '--at', '2026-11-20T08:00:00Z', '--footage', VIDEO],
      1,
      /expected a folder that segments can be written to, found ENOTDIR/,
    ],
    [
      ['rerun', '--camera', 'a/b', '--since', '2026-11-20T08:00:00Z', '--tier', 'hihg'],
      1,
      /"--tier hihg": expected low, steady, high, exhaustive/,
    ],
    [['events', '--data', 'no-such-folder'], 1, /expected the data of an earlier/],
    [['start', '--workers', 'many'], 2, /expected a whole number above 0/],
    [['unknown'], 2, /unknown command/],
  ] as const)('%j ends %d with one sentence', (values, status, message) => {
    const finished = runCli(...values);
    expect(finished.status).toBe(status);
    expect(finished.stderr).toMatch(message);
    expect(finished.stderr).not.toMatch(/\n\s+at /);
  });
});
