import { expect, it } from 'vitest';
import { CountedFrames } from '../../adapters/embedded/counted-frames';
import { fixedFleet } from '../../core/fleet/fixed-source';
import { parseFleet } from '../../core/fleet/parse';
import { HeldLaneSwitch } from '../../core/lane-switch';
import { queuedAnalytics } from '../../core/queued-analytics';
import type { SegmentMessage } from '../../core/segment-message';
import { EndpointUnavailableError } from '../../core/spill';
import { createDetectCpu } from '../../handlers/detect-cpu';
import { createDetectGpu } from '../../handlers/detect-gpu';
import { createLaneSwitch } from '../../handlers/lane-switch';
import { createRoute } from '../../handlers/route';
import { analysedSegment, makeWorld, remaining, s3Notification, sqsEvent } from './world';

const BREAK_EVEN = {
  framesPerSecond: 10,
  instances: 1,
  instanceFramesPerSecond: 1000,
  instanceUsdPerHour: 1,
  lambdaUsdPerFrame: 1 / 36_000,
};

function switching() {
  const world = makeWorld();
  const { clock, telemetry } = world;
  const frames = new CountedFrames(clock);
  const decisions = new HeldLaneSwitch();
  const decide = createLaneSwitch({
    frames,
    store: decisions,
    rule: { breakEven: BREAK_EVEN, dwellMinutes: 60 },
    clock,
    telemetry,
  });
  return { ...world, decisions, decide, metrics: frames.of(telemetry) };
}

/** What route needs besides fleet, switch and lanes. */
function routing({
  store,
  health,
  telemetry,
}: Pick<ReturnType<typeof makeWorld>, 'store' | 'health' | 'telemetry'>) {
  return {
    bucket: 'footage',
    probeSeconds: async () => 60,
    modelSha256Of: () => 'sha',
    floors: store,
    quarantine: store,
    health,
    telemetry,
  };
}

it('sums what was inferred for cameras of lane gpu in the last half hour, whichever lane worked it', async () => {
  const { decide, metrics, clock, decisions, telemetry } = switching();
  metrics.count('framesMeantForGpu', 9_000);
  clock.advance(1801);
  metrics.count('framesMeantForGpu', 14_400);
  metrics.count('framesMeantForGpu', 7_200);
  metrics.count('framesInferred', 99_000, { tier: 'high', lane: 'cpu' });
  clock.advance(1);
  const decision = await decide();
  expect(decision).toMatchObject({ lane: 'gpu', framesPerSecond: 12, lambdaUsdPerHour: 1.2 });
  expect(await decisions.read()).toEqual(decision);
  expect(telemetry.counted).toMatchObject({
    gatedFramesPerSecond: 12,
    breakEvenFramesPerSecond: 10,
    gpuLaneOn: 1,
  });
  const summed = { framesInferred: 21_600, windowMinutes: 30 };
  expect(telemetry.logged).toEqual([
    { level: 'info', message: 'lane switch', fields: { ...decision, ...summed, before: 'cpu' } },
  ]);
});

it('counts a camera of lane gpu on the cpu lane, on its own and spilled, and no other', async () => {
  const { decide, metrics, clock, cpu, gpu, ...world } = switching();
  const fleet = fixedFleet(
    parseFleet('fleet.yaml', 'cameras: { site/alone: { tier: steady, lane: gpu } }'),
    { lanes: ['cpu', 'gpu'] },
  );
  const routeTo = (lane: 'cpu' | 'gpu') =>
    createRoute({
      ...routing(world),
      fleet,
      laneSwitch: { lane: async () => lane },
      lanes: { cpu, gpu },
      clock,
    });
  const land = (lane: 'cpu' | 'gpu', camera: string, minute: number) =>
    routeTo(lane)(
      sqsEvent(s3Notification(`site/${camera}/20261120T080${minute}00Z_60s.mp4`)),
      remaining(10_000),
    );
  await land('cpu', 'alone', 0);
  await land('gpu', 'alone', 1);
  await land('gpu', 'alone', 2);
  await land('gpu', 'other', 0);
  const shared = {
    ...world,
    clock,
    fleet,
    alerts: world.store,
    floors: world.store,
    quarantine: world.store,
    analytics: queuedAnalytics(world.rows),
    telemetry: metrics,
    queue: { send: async () => 1, release: async () => {} },
    neededMs: () => 0,
  };
  let isDown = false;
  const analyse = async (message: SegmentMessage) => {
    if (isDown) throw new EndpointUnavailableError('failed', 'down');
    return analysedSegment(message);
  };
  const detectGpu = createDetectGpu({
    ...shared,
    analyser: { analyse },
    cpuLane: cpu,
    breaker: { allows: async () => true, note: async () => {} },
  });
  const [first, second] = await gpu.receive({ max: 10, visibilitySeconds: 30 });
  await detectGpu(sqsEvent(first!.body), remaining(60_000));
  isDown = true;
  await detectGpu(sqsEvent(second!.body), remaining(60_000));
  const detectCpu = createDetectCpu({
    ...shared,
    analyser: { analyse: async (message) => analysedSegment(message) },
  });
  const taken = await cpu.receive({ max: 10, visibilitySeconds: 30 });
  expect(taken.map(({ body }) => [body.camera, body.spilledFor]).sort()).toEqual([
    ['site/alone', undefined],
    ['site/alone', 'failed'],
    ['site/other', undefined],
  ]);
  await detectCpu(sqsEvent(...taken.map(({ body }) => body)), remaining(60_000));
  clock.advance(1);
  await decide();
  // Three frames a segment.
  expect(world.telemetry.logged.at(-1)!.fields).toMatchObject({
    framesInferred: 9,
    framesPerSecond: 9 / 1800,
    reason: 'below',
  });
});

it('decides nothing where the metrics can’t be read: what stands holds', async () => {
  const { decisions, clock, telemetry } = switching();
  const decide = createLaneSwitch({
    frames: { framesMeantForGpu: () => Promise.reject(new Error('throttled')) },
    store: decisions,
    rule: { breakEven: BREAK_EVEN, dwellMinutes: 60 },
    clock,
    telemetry,
  });
  const before = await decisions.read();
  await expect(decide()).rejects.toThrow('throttled');
  expect(await decisions.read()).toBe(before);
});

it.each(['cpu', 'gpu'] as const)(
  'route sends cameras of lane gpu to the %s lane when that is decided',
  async (lane) => {
    const world = makeWorld();
    const route = createRoute({
      ...routing(world),
      fleet: world.fleet,
      laneSwitch: { lane: async () => lane },
      lanes: { cpu: world.cpu, gpu: world.gpu },
      clock: world.clock,
    });
    const keys = ['cam', 'busy'].map((camera) => `site/${camera}/20261120T080000Z_60s.mp4`);
    await route(sqsEvent(...keys.map((key) => s3Notification(key))), remaining(10_000));
    const taken = async (from: 'cpu' | 'gpu') =>
      (await world[from].receive({ max: 10, visibilitySeconds: 30 }))
        .map(({ body }) => `${body.camera} ${body.tier} ${body.lane}`)
        .sort();
    const busy = `site/busy high ${lane}`;
    expect([await taken('cpu'), await taken('gpu')]).toEqual(
      lane === 'gpu' ? [['site/cam steady cpu'], [busy]] : [[busy, 'site/cam steady cpu'], []],
    );
  },
);
