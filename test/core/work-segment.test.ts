import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { analyticsRowOf } from '../../core/analytics-row';
import { PRODUCT_ANALYSIS_DEFAULTS } from '../../core/camera-settings';
import { fixedFleet } from '../../core/fleet/fixed-source';
import { parseFleet } from '../../core/fleet/parse';
import type { AnalysedSegment, Analyser, DetectionArchive, SegmentMessage } from '../../core/ports';
import { type RouteDeps, routeSegment } from '../../core/route-segment';
import type { Presence } from '../../core/segment-result';
import { type WorkDeps, workSegment } from '../../core/work-segment';
import { ManualClock } from '../fakes/manual-clock';
import { MemoryAnalytics } from '../fakes/memory-analytics';
import { MemorySnapshots } from '../fakes/memory-snapshots';
import { MemoryStore } from '../fakes/memory-store';
import { RecordingNotifier } from '../fakes/recording-notifier';

const FLEET = parseFleet(
  'fleet.yaml',
  `
notify: { ops: { stdout: true } }
cameras:
  site/cam: { alerts: [{ name: any, classes: [person], notify: ops, cooldownMinutes: 5 }] }
`,
);
const fleet = fixedFleet(FLEET, { lanes: ['cpu', 'gpu'] });

function message(minute: number): SegmentMessage {
  const segmentKey = `site/cam/20261120T08${String(minute).padStart(2, '0')}00Z_60s.mp4`;
  return {
    segmentKey,
    objectKey: segmentKey,
    objectVersion: '1',
    range: '0-60000',
    analysisId: 'analysis',
    camera: 'site/cam',
    tier: 'low',
    lane: 'cpu',
    model: 'default',
    floorId: null,
    settings: PRODUCT_ANALYSIS_DEFAULTS,
    attempt: 1,
  };
}

/** Answers every message with one person who walks for ten seconds. */
const analyser: Analyser = {
  async analyse({ segmentKey }): Promise<AnalysedSegment> {
    const minute = segmentKey.slice(20, 22);
    const at = (second: number): string =>
      `2026-11-20T08:${minute}:${String(second).padStart(2, '0')}.000Z`;
    const presence: Presence = {
      className: 'person',
      zone: 'frame',
      moving: [{ from: at(10), to: at(20), peak: 1 }],
      still: [],
      peakCount: 1,
      bestConfidence: 0.9,
      bestAt: at(15),
      snapshotKey: null,
    };
    return {
      model: 'm',
      analysis: {
        frames: [],
        framesDecoded: 12,
        framesInferred: 3,
        packetGate: { verdict: 'off', reason: '', floorId: null },
        packetSummary: { windows: [] },
        partialReason: null,
      },
      presences: [presence],
      snapshots: [{ className: 'person', zone: 'frame', jpeg: Uint8Array.of(1, 2, 3) }],
      durationSeconds: 60,
      cpuSeconds: 0.1,
      wallSeconds: 0.1,
      bytesRead: 10,
    };
  },
};

class Killed extends Error {}

/** The ports, each call counted; the process "dies" just before or just after call number `at`. */
function world() {
  const store = new MemoryStore();
  const snapshots = new MemorySnapshots();
  const notifier = new RecordingNotifier();
  const analytics = new MemoryAnalytics();
  const archived = new Set<string>();
  const archive: DetectionArchive = {
    async write({ segmentKey, range, analysisId }) {
      archived.add([segmentKey, range, analysisId].join(' '));
    },
  };
  let calls = 0;
  const dying = <Port extends object>(port: Port, at: number, when: 'before' | 'after'): Port =>
    new Proxy(port, {
      get(target, name) {
        const method = Reflect.get(target, name) as unknown;
        if (typeof method !== 'function') return method;
        return async (...values: unknown[]) => {
          const isLast = calls++ === at;
          if (isLast && when === 'before') throw new Killed();
          const answer: unknown = await method.apply(target, values);
          if (isLast) throw new Killed();
          return answer;
        };
      },
    });
  const depsDyingAt = (at: number, when: 'before' | 'after'): WorkDeps => ({
    analyser,
    store: dying(store, at, when),
    alerts: dying(store, at, when),
    analytics: dying(analytics, at, when),
    floors: dying(store, at, when),
    snapshots: dying(snapshots, at, when),
    archive: dying(archive, at, when),
    notifier: dying(notifier, at, when),
    fleet,
    clock: new ManualClock(Date.parse('2026-11-20T08:05:00.000Z')),
  });
  return {
    store,
    snapshots,
    notifier,
    analytics,
    archived,
    depsDyingAt,
    restart: () => {
      calls = 0;
    },
    callsMade: () => calls,
  };
}

async function stateOf({ store, analytics, archived }: ReturnType<typeof world>) {
  const items = await Array.fromAsync(store.itemsOfCamera('site/cam', {}));
  const alerts = await store.alertsOfCamera('site/cam');
  const rows = await Array.fromAsync(analytics.rows({}));
  const byId = alerts.toSorted((a, b) => a.id.localeCompare(b.id));
  return { items, rows, alerts: byId, archived: [...archived].sort() };
}

const NEVER = Number.POSITIVE_INFINITY;

describe('working a segment', () => {
  it('survives death before and after every single call: the rows equal an undisturbed run’s, the alert is sent', async () => {
    const calm = world();
    await workSegment(message(0), calm.depsDyingAt(NEVER, 'before'));
    const expected = await stateOf(calm);
    expect(
      expected.rows.map(({ at, fields }) => [
        at,
        fields['presenceSeconds.person'],
        fields['peakCount.person'],
        fields.lagSeconds,
      ]),
    ).toEqual([['2026-11-20T08:00:00.000Z', 10, 1, 240]]);
    expect([expected.items.length, expected.alerts.map(({ status }) => status)]).toEqual([
      1,
      ['sent'],
    ]);
    const points = calm.callsMade();
    expect(points).toBeGreaterThanOrEqual(9);
    for (let at = 0; at < points; at++) {
      for (const when of ['before', 'after'] as const) {
        const shaken = world();
        await expect(workSegment(message(0), shaken.depsDyingAt(at, when))).rejects.toBeInstanceOf(
          Killed,
        );
        shaken.restart();
        await workSegment(message(0), shaken.depsDyingAt(NEVER, 'before'));
        expect([at, when, await stateOf(shaken)]).toEqual([at, when, expected]);
        expect(new Set(shaken.notifier.sent.map(({ id }) => id)).size).toBe(1);
        for (const key of expected.items[0]!.presences.map((presence) => presence.snapshotKey!)) {
          expect(await shaken.snapshots.get(key)).toEqual(Uint8Array.of(1, 2, 3));
        }
      }
    }
  });

  it('gives the same rows for any order and repetition of messages, and one alert a cooldown', async () => {
    const messages = [0, 1, 2, 3].map(message);
    const calm = world();
    for (const one of messages) await workSegment(one, calm.depsDyingAt(NEVER, 'before'));
    const expected = await stateOf(calm);
    await fc.assert(
      fc.asyncProperty(
        fc.shuffledSubarray(messages, { minLength: 4 }),
        fc.subarray(messages),
        async (order, again) => {
          const shaken = world();
          for (const one of [...order, ...again])
            await workSegment(one, shaken.depsDyingAt(NEVER, 'before'));
          const found = await stateOf(shaken);
          expect(found.items).toEqual(expected.items);
          expect(shaken.notifier.sent).toHaveLength(1);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('keeps the rows and the pending alert while the receiver is down', async () => {
    const calm = world();
    const failing = {
      send: async () => {
        throw Object.assign(
          new (await import('../../adapters/embedded/notify')).NotifyError('hook', 'no answer'),
        );
      },
    };
    const heard: string[] = [];
    const deps: WorkDeps = {
      ...calm.depsDyingAt(NEVER, 'before'),
      notifier: failing,
      onPublishFailed: (key) => heard.push(key),
    };
    const { isNew } = await workSegment(message(0), deps);
    const { alerts } = await stateOf(calm);
    expect([isNew, heard.length, alerts.map(({ status }) => status)]).toEqual([
      true,
      1,
      ['pending'],
    ]);
  });
});

it('writes the row of the analysis that is current where another delivery was faster', async () => {
  const { store, analytics, depsDyingAt } = world();
  const deps = depsDyingAt(NEVER, 'before');
  await workSegment(message(0), deps);
  // This delivery looked before the other one had finished.
  let looks = 0;
  const late = new Proxy(store, {
    get: (target, name) =>
      name === 'currentItem' && looks++ === 0
        ? async () => null
        : (Reflect.get(target, name) as () => unknown).bind(target),
  });
  await workSegment(
    { ...message(0), analysisId: 'second', tier: 'steady' },
    { ...deps, store: late },
  );
  const rows = await Array.fromAsync(analytics.rows({}));
  expect(rows.map(({ tier }) => tier)).toEqual(['low']);
});

it('tells of the item that stands where another function stored it meanwhile', async () => {
  const { store, analytics, depsDyingAt } = world();
  const deps = depsDyingAt(NEVER, 'before');
  const slow: Analyser = {
    async analyse(one, floor) {
      await workSegment(message(0), deps);
      return { ...(await analyser.analyse(one, floor)), cpuSeconds: 9 };
    },
  };
  const clock = new ManualClock(Date.parse('2026-11-20T08:06:00.000Z'));
  const { item } = await workSegment(message(0), { ...deps, analyser: slow, clock });
  expect([item]).toEqual(await Array.fromAsync(store.itemsOfCamera('site/cam', {})));
  expect([item.analysedAt, item.usage.cpuSeconds]).toEqual(['2026-11-20T08:05:00.000Z', 0.1]);
  expect(analytics.written).toEqual([analyticsRowOf(item), analyticsRowOf(item)]);
});

it('counts the version that was analysed last, and says that it is not the first', async () => {
  const { store, analytics, depsDyingAt } = world();
  const deps = depsDyingAt(NEVER, 'before');
  await workSegment(message(0), deps);
  const again = { ...message(0), objectVersion: '2', tier: 'steady' };
  const quiet: Analyser = {
    analyse: async (...asked) => ({ ...(await analyser.analyse(...asked)), presences: [] }),
  };
  const later = new ManualClock(Date.parse('2026-11-20T08:06:00.000Z'));
  await workSegment(again, { ...deps, analyser: quiet, clock: later });
  const [row, ...others] = await Array.fromAsync(analytics.rows({}));
  expect(others).toEqual([]);
  expect(analytics.written.map(({ tier, hasEarlier }) => [tier, hasEarlier])).toEqual([
    ['low', undefined],
    ['steady', true],
  ]);
  expect(row).toMatchObject({ tier: 'steady' });
  // Nobody is seen any more, and a time series keeps what is not written anew.
  expect(row!.fields).toMatchObject({ 'presenceSeconds.person': 0, 'peakCount.person': 0 });
  // A late delivery of the first version changes nothing.
  await workSegment(message(0), deps);
  expect(await Array.fromAsync(analytics.rows({}))).toEqual([row]);
  expect(await store.currentItem(message(0))).toMatchObject({ tier: 'low' });
});

describe('routing', () => {
  const depsAt = (now: string, change: Partial<RouteDeps> = {}): RouteDeps => ({
    fleet,
    probeSeconds: () => Promise.reject(new Error('nothing to probe')),
    modelSha256Of: () => 'abc',
    floors: new MemoryStore(),
    laneSwitch: null,
    now: new Date(now),
    ...change,
  });
  const NINE = '2026-11-20T09:00:00Z';
  const route = async (key: string, change: Partial<RouteDeps> = {}) =>
    (await routeSegment({ key, objectVersion: '1' }, depsAt(NINE, change))).messages;

  it('fixes in the message everything that the analysis depends on', async () => {
    const [first, ...rest] = await route('site/cam/20261120T080000Z_60s.mp4');
    expect([first?.range, first?.tier, first?.floorId, rest.length]).toEqual([
      '0-60000',
      'low',
      null,
      0,
    ]);
    const [other] = await route('site/cam/20261120T080000Z_60s.mp4', {
      modelSha256Of: () => 'abd',
    });
    expect(other?.analysisId).not.toBe(first?.analysisId);
  });

  it('maps a customer’s layout to a segment key, probing for the length that the key lacks', async () => {
    const mapped = parseFleet(
      'fleet.yaml',
      `keyPatterns: [{ pattern: 'cctv/{camera}/{start:yyyyMMdd-HHmmss}.mp4', site: site }]`,
    );
    const probed: string[] = [];
    const [message, ...rest] = await route('cctv/cam/20261120-080000.mp4', {
      fleet: fixedFleet(mapped, { lanes: ['cpu'] }),
      probeSeconds: async ({ key }) => {
        probed.push(key);
        return 59.96;
      },
    });
    expect([message?.segmentKey, message?.objectKey, message?.range, rest, probed]).toEqual([
      'site/cam/20261120T080000Z_59.96s.mp4',
      'cctv/cam/20261120-080000.mp4',
      '0-59960',
      [],
      ['cctv/cam/20261120-080000.mp4'],
    ]);
  });

  it.each([
    ['site/cam/notes.mp4', 'segment-key'],
    ['site/cam/20261120T091100Z_60s.mp4', 'segment-from-future'],
    ['site/cam/20261110T080000Z_86401s.mp4', 'segment-over-limit'],
  ])('refuses %s for %s', async (key, code) => {
    await expect(route(key)).rejects.toMatchObject({ code, retryable: false });
  });

  it.each(['cpu', 'gpu'] as const)(
    'says where a camera’s settings put it, by tier, itself, site or hour, when the switch says %s',
    async (lane) => {
      const text = `
tiers: { night: { lane: gpu } }
sites:
  dock: { defaults: { tier: low, lane: gpu } }
  yard: { schedule: [{ between: '08:00-09:00', days: mon-sun, tier: night }] }
cameras:
  site/tier: { tier: high }
  site/itself: { tier: low, lane: gpu }
  site/hour: { tier: low, schedule: [{ between: '08:00-09:00', days: mon-sun, tier: high }] }
  site/spared: { tier: high, lane: cpu }
`;
      const laneSwitch = { lane: async () => lane };
      const given = fixedFleet(parseFleet('fleet.yaml', text), { lanes: ['cpu', 'gpu'] });
      const lanesOf = async (camera: string, hour = '08') => {
        const key = `${camera}/20261120T${hour}0000Z_60s.mp4`;
        const [message] = await route(key, { fleet: given, laneSwitch });
        return [message!.intendedLane, message!.lane];
      };
      for (const camera of ['site/tier', 'site/itself', 'dock/any', 'site/hour', 'yard/any']) {
        expect([camera, ...(await lanesOf(camera))]).toEqual([camera, 'gpu', lane]);
      }
      expect(await lanesOf('site/hour', '07')).toEqual(['cpu', 'cpu']);
      expect(await lanesOf('yard/any', '07')).toEqual(['cpu', 'cpu']);
      expect(await lanesOf('site/spared')).toEqual(['cpu', 'cpu']);
      expect(await lanesOf('site/any')).toEqual(['cpu', 'cpu']);
    },
  );

  it('cuts ten hours into one message a range of 300 s', async () => {
    const messages = await route('site/cam/20261119T080000Z_36000s.mp4');
    expect([messages.length, messages[1]?.range]).toEqual([120, '300000-600000']);
  });

  it('freezes the floor of an hour once, from the hours before', async () => {
    const store = new MemoryStore();
    const item = (await workSegment(message(0), { ...world().depsDyingAt(NEVER, 'before'), store }))
      .item;
    const windows = Array.from({ length: 60 }, (_, second) => ({
      phaseSeconds: 0,
      bitsPerMacroblock: 1 + (second % 3) / 100,
    }));
    await store.putItem({ ...item, analysisId: 'b', packetSummary: { windows } });
    await store.setCurrent({ ...item, analysisId: 'b' }, { onlyIfAbsent: false });
    const deps = depsAt('2026-11-20T10:30:00Z', { floors: store });
    const floorIdAt = async (key: string) =>
      (await routeSegment({ key, objectVersion: '1' }, deps)).messages[0]?.floorId;
    const first = await floorIdAt('site/cam/20261120T090000Z_60s.mp4');
    expect(first).not.toBeNull();
    await store.putItem({
      ...item,
      segmentKey: 'site/cam/20261120T083000Z_60s.mp4',
      packetSummary: { windows: windows.map((window) => ({ ...window, bitsPerMacroblock: 2 })) },
    });
    await store.setCurrent(
      { ...item, segmentKey: 'site/cam/20261120T083000Z_60s.mp4' },
      { onlyIfAbsent: true },
    );
    expect(await floorIdAt('site/cam/20261120T090100Z_60s.mp4')).toBe(first);
    expect(await store.getFloor(first!)).toMatchObject({ all: { samples: 60 } });
  });
});
