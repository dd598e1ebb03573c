import { describe, expect, it } from 'vitest';
import { createAlerts } from '../../handlers/alerts';
import { alertAt } from '../contracts/records';
import { FLEET, makeWorld } from './world';

function alerting() {
  const world = makeWorld();
  const run = createAlerts({
    ...world,
    alerts: world.store,
    watchedCameras: async () => Object.keys(FLEET.cameras),
  });
  return { ...world, run };
}

describe('alerts', () => {
  it('sends again what was pending for two minutes, and nothing younger', async () => {
    const { run, store, notifier, telemetry } = alerting();
    await store.createAlert(alertAt(0, { createdAt: '2026-11-20T08:02:59.000Z' }));
    await store.createAlert(alertAt(1, { createdAt: '2026-11-20T08:03:01.000Z' }));
    await run();
    expect(notifier.sent.map(({ id }) => id)).toEqual(['alert-0']);
    expect((await store.getAlert('alert-1'))?.status).toBe('pending');
    expect(telemetry.counted.alertsPending).toBe(1);
  });

  it('keeps pending what can’t be handed over, saying why', async () => {
    const { run, store, notifier, telemetry } = alerting();
    await store.createAlert(alertAt(0, { createdAt: '2026-11-20T08:00:00.000Z' }));
    notifier.failNext(1);
    await run();
    expect((await store.getAlert('alert-0'))?.status).toBe('pending');
    expect(telemetry.messages()).toEqual(['an alert stays pending']);
    await run();
    expect((await store.getAlert('alert-0'))?.status).toBe('sent');
  });

  it('raises a silent camera once and says when it is back', async () => {
    const { run, clock, health, notifier, telemetry } = alerting();
    await run();
    clock.advance(30 * 60);
    await run();
    await run();
    await health.noteLanded('site/cam', clock.now().toISOString());
    await run();
    expect(telemetry.messages()).toEqual([
      'camera is silent',
      'camera is silent',
      'camera is back',
    ]);
    expect([notifier.sent.length, telemetry.counted.silentCameras]).toEqual([3, 2]);
  });
});
