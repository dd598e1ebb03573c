import { expect, it } from 'vitest';
import { CountedFrames } from '../../adapters/embedded/counted-frames';
import { HeldLaneSwitch } from '../../core/lane-switch';
import { createLaneSwitch } from '../../handlers/lane-switch';
import { createRoute } from '../../handlers/route';
import { makeWorld, remaining, s3Notification, sqsEvent } from './world';

const BREAK_EVEN = { framesPerSecond: 10, endpointUsdPerHour: 1, lambdaUsdPerFrame: 1 / 36_000 };

function switching() {
  const world = makeWorld();
  const { clock, telemetry } = world;
  const frames = new CountedFrames(clock);
  const store = new HeldLaneSwitch();
  const decide = createLaneSwitch({
    fleet: world.fleet,
    frames,
    store,
    rule: { breakEven: BREAK_EVEN, dwellMinutes: 60 },
    clock,
    telemetry,
  });
  return { ...world, store, decide, metrics: frames.of(telemetry) };
}

it('sums what the gpu tiers inferred in the last half hour, on either lane, and no other tier', async () => {
  const { decide, metrics, clock, store, telemetry } = switching();
  metrics.count('framesInferred', 9_000, { tier: 'high', lane: 'cpu' });
  clock.advance(1801);
  metrics.count('framesInferred', 14_400, { tier: 'high', lane: 'cpu' });
  metrics.count('framesInferred', 7_200, { tier: 'high', lane: 'gpu' });
  metrics.count('framesInferred', 99_000, { tier: 'steady', lane: 'cpu' });
  metrics.count('framesDecoded', 99_000, { tier: 'high', lane: 'cpu' });
  clock.advance(1);
  const decision = await decide();
  expect(decision).toMatchObject({ lane: 'gpu', framesPerSecond: 12, lambdaUsdPerHour: 1.2 });
  expect(await store.read()).toEqual(decision);
  expect(telemetry.counted).toMatchObject({
    gatedFramesPerSecond: 12,
    breakEvenFramesPerSecond: 10,
    gpuLaneOn: 1,
  });
  expect(telemetry.logged).toEqual([
    { level: 'info', message: 'lane switch', fields: { ...decision, before: 'cpu' } },
  ]);
});

it('decides nothing where the metrics can’t be read: what stands holds', async () => {
  const { store, fleet, clock, telemetry } = switching();
  const decide = createLaneSwitch({
    fleet,
    frames: { framesInferred: () => Promise.reject(new Error('throttled')) },
    store,
    rule: { breakEven: BREAK_EVEN, dwellMinutes: 60 },
    clock,
    telemetry,
  });
  const before = await store.read();
  await expect(decide()).rejects.toThrow('throttled');
  expect(await store.read()).toBe(before);
});

it.each(['cpu', 'gpu'] as const)(
  'route sends cameras of gpu tiers to the %s lane when that is decided',
  async (lane) => {
    const world = makeWorld();
    const route = createRoute({
      bucket: 'footage',
      fleet: world.fleet,
      probeSeconds: async () => 60,
      modelSha256Of: () => 'sha',
      floors: world.store,
      laneSwitch: { lane: async () => lane },
      lanes: { cpu: world.cpu, gpu: world.gpu },
      quarantine: world.store,
      health: world.health,
      clock: world.clock,
      telemetry: world.telemetry,
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
