import { describe, expect, it } from 'vitest';
import { ModelBundleError } from '../../adapters/onnx/errors';
import { UnreadableVideoError } from '../../adapters/video/errors';
import { WorkerCrashedError } from '../../adapters/worker/errors';
import { analyticsRowOf } from '../../core/analytics-row';
import { PRODUCT_ANALYSIS_DEFAULTS } from '../../core/camera-settings';
import type { Analyser } from '../../core/ports';
import { queuedAnalytics } from '../../core/queued-analytics';
import type { SegmentMessage } from '../../core/segment-message';
import { segmentMessageSchema } from '../../core/segment-message';
import { createAnalytics } from '../../handlers/analytics';
import { createDetectCpu } from '../../handlers/detect-cpu';
import { readMessage } from '../../handlers/message';
import { itemAt } from '../contracts/records';
import { analysedSegment, makeWorld, remaining, sqsEvent } from './world';

function message(minute: number): SegmentMessage {
  const segmentKey = `site/cam/20261120T080${minute}00Z_60s.mp4`;
  return {
    segmentKey,
    objectKey: segmentKey,
    objectVersion: '1',
    range: '0-60000',
    analysisId: 'analysis',
    camera: 'site/cam',
    tier: 'steady',
    lane: 'cpu',
    model: 'default',
    floorId: null,
    settings: PRODUCT_ANALYSIS_DEFAULTS,
    attempt: 1,
  };
}

const NONE = { batchItemFailures: [] };
const analyser: Analyser = { analyse: async (one) => analysedSegment(one) };

function detecting(analyse: Analyser = analyser) {
  const world = makeWorld();
  const released: unknown[] = [];
  const detectCpu = createDetectCpu({
    ...world,
    alerts: world.store,
    floors: world.store,
    quarantine: world.store,
    analyser: analyse,
    analytics: queuedAnalytics(world.rows),
    queue: {
      send: (messages) => world.cpu.send(messages),
      release: async (handle, options) => {
        released.push({ handle, ...options });
      },
    },
    neededMs: () => 30_000,
  });
  const work = (...bodies: readonly unknown[]) => detectCpu(sqsEvent(...bodies), remaining(60_000));
  const items = () => Array.fromAsync(world.store.itemsOfCamera('site/cam', {}));
  return { ...world, detectCpu, work, items, released };
}

describe('detect-cpu', () => {
  it('works a message to its item, snapshot, alert and analytics row', async () => {
    const { work, items, store, notifier, rows, telemetry } = detecting();
    expect(await work(message(0))).toEqual(NONE);
    expect(await items()).toMatchObject([
      {
        segmentKey: message(0).segmentKey,
        presences: [{ snapshotKey: expect.stringContaining('person-frame.jpg') }],
      },
    ]);
    expect((await store.alertsOfCamera('site/cam')).map(({ status }) => status)).toEqual(['sent']);
    expect(notifier.sent).toHaveLength(1);
    const [delivery] = await rows.receive({ max: 1, visibilitySeconds: 30 });
    expect(delivery?.body).toMatchObject([{ camera: 'site/cam', tier: 'steady' }]);
    // The lag is counted by tier, and once more as a whole.
    const counted = { segments: 1, framesInferred: 3, lagSeconds: 2 * 240 };
    expect(telemetry.counted).toMatchObject(counted);
  });

  it('does a repeated delivery once', async () => {
    const { work, items, notifier, telemetry } = detecting();
    await work(message(0), message(0));
    await work(message(0));
    expect([(await items()).length, notifier.sent.length, telemetry.counted.segments]).toEqual([
      1, 1, 1,
    ]);
  });

  it('quarantines footage that can’t be read, and acknowledges it', async () => {
    const { work, store, telemetry } = detecting({
      analyse: async () => {
        throw new UnreadableVideoError('"a": expected a video, found 0 bytes');
      },
    });
    expect(await work(message(0))).toEqual(NONE);
    expect(await store.rejections()).toMatchObject([
      { key: message(0).objectKey, code: 'unreadable-video', at: '2026-11-20T08:05:00.000Z' },
    ]);
    expect(telemetry.counted).toEqual({ quarantined: 1 });
  });

  it('reports a crash for another delivery after a second, and works the rest of the batch', async () => {
    const { work, items, released } = detecting({
      analyse: async (one) => {
        if (one.segmentKey === message(0).segmentKey) throw new WorkerCrashedError('a', 'SIGSEGV');
        return analysedSegment(one);
      },
    });
    expect(await work(message(0), message(1))).toEqual({
      batchItemFailures: [{ itemIdentifier: 'm0' }],
    });
    expect((await items()).map(({ segmentKey }) => segmentKey)).toEqual([message(1).segmentKey]);
    expect(released).toEqual([
      { handle: 'r0', afterSeconds: 1, cause: expect.stringContaining('SIGSEGV') },
    ]);
  });

  it('never quarantines footage for what is wrong with the platform', async () => {
    const { work, store, released } = detecting({
      analyse: async () => {
        throw new ModelBundleError('"m": expected a model bundle, found no manifest.json');
      },
    });
    expect(await work(message(0))).toEqual({ batchItemFailures: [{ itemIdentifier: 'm0' }] });
    expect([await store.rejections(), released.length]).toEqual([[], 1]);
  });

  it('never starts what it can’t finish: it goes back as a new message, its attempt counted', async () => {
    const { detectCpu, items, cpu, telemetry } = detecting();
    expect(await detectCpu(sqsEvent(message(0)), remaining(29_999))).toEqual(NONE);
    const [delivery] = await cpu.receive({ max: 1, visibilitySeconds: 30 });
    expect(delivery?.body).toEqual({ ...message(0), attempt: 2 });
    expect([await items(), telemetry.counted]).toEqual([[], { sentAgain: 1 }]);
  });

  it.each([
    ['text', 'text'],
    ['another lane', { ...message(0), lane: 'tpu' }],
    ['an unknown key in another form', { ...message(0), lane: 'tpu', role: 'admin' }],
    ['a model that leads out', { ...message(0), model: '../../etc' }],
  ])('drops a forged message: %s', async (_, body) => {
    const { work, items, telemetry, store } = detecting();
    expect(await work(body)).toEqual(NONE);
    expect(telemetry.counted).toEqual({ refusedMessages: 1 });
    expect([await items(), await store.rejections()]).toEqual([[], []]);
  });

  it.each([
    ['at its top', { ...message(0), priority: 1 }, '"priority"'],
    [
      'in its settings',
      { ...message(0), settings: { ...message(0).settings, dewarp: true } },
      '"dewarp"',
    ],
  ])(
    'keeps what a newer version sent, with a field that is not known: %s',
    async (_, body, field) => {
      const { work, items, telemetry, store } = detecting();
      expect(await work(body)).toEqual({ batchItemFailures: [{ itemIdentifier: 'm0' }] });
      expect([await items(), await store.rejections(), telemetry.counted]).toEqual([[], [], {}]);
      expect(() => readMessage(segmentMessageSchema, JSON.stringify(body))).toThrow(field);
    },
  );
});

describe('analytics', () => {
  it('writes the rows of a batch, repeated ones once, and drops what is none', async () => {
    const { work, rows, analytics, telemetry } = detecting();
    await work(message(0), message(1));
    const bodies = (await rows.receive({ max: 10, visibilitySeconds: 30 })).map(({ body }) => body);
    const write = createAnalytics({ analytics, telemetry });
    expect(await write(sqsEvent(...bodies, bodies[0], [{ at: 'now' }]), remaining(1000))).toEqual(
      NONE,
    );
    const written = await Array.fromAsync(analytics.rows({}));
    expect(written.map(({ segmentKey }) => segmentKey)).toEqual([
      message(0).segmentKey,
      message(1).segmentKey,
    ]);
    expect(telemetry.counted.refusedMessages).toBe(1);
    const [newer] = bodies[0]!.map((row) => ({ ...row, weather: 'rain' }));
    expect(await write(sqsEvent([newer], bodies[1]), remaining(1000))).toEqual({
      batchItemFailures: [{ itemIdentifier: 'm0' }],
    });
  });

  it('takes rows that a version before queued with what they replace: they count, the earlier ones no more', async () => {
    const { analytics, telemetry } = detecting();
    const write = createAnalytics({ analytics, telemetry });
    const { currentAt, ...row } = analyticsRowOf(itemAt(0));
    const replaces = [{ tier: 'low', lane: 'cpu', model: 'demo-0123' }];
    const event = sqsEvent([{ ...row, replaces }], [{ ...row, currentAt, replaces }]);
    expect(await write(event, remaining(1000))).toEqual(NONE);
    expect(analytics.written).toEqual([
      // It does not say since when it is current: since it was sent at the latest.
      { ...row, currentAt: '1970-01-01T00:00:00.000Z', hasEarlier: true },
      { ...row, currentAt, hasEarlier: true },
    ]);
    expect(telemetry.counted).toEqual({});
    const forged = sqsEvent([{ ...row, replaces: [{ tier: 'low' }] }]);
    expect(await write(forged, remaining(1000))).toEqual(NONE);
    expect([analytics.written.length, telemetry.counted]).toEqual([2, { refusedMessages: 1 }]);
  });

  it('logs why a batch will be tried again: a dead letter has nothing else that says so', async () => {
    const { telemetry } = detecting();
    const analytics = {
      write: async () => {
        throw new Error('the time series is away');
      },
    };
    const event = sqsEvent([analyticsRowOf(itemAt(0))]);
    const write = createAnalytics({ analytics, telemetry });
    await expect(write(event, remaining(1000))).rejects.toThrow('the time series is away');
    const messageIds = event.Records.map(({ messageId }) => messageId);
    expect(telemetry.logged).toContainEqual({
      level: 'error',
      message: 'tried again later',
      fields: { messageIds, cause: 'the time series is away' },
    });
  });
});
