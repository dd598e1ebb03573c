import { describe, expect, it } from 'vitest';
import { fixedFleet } from '../../core/fleet/fixed-source';
import { parseFleet } from '../../core/fleet/parse';
import { checkHealth } from '../../core/health';
import { notificationOf, notificationSchema } from '../../core/notification';
import { ManualClock } from '../fakes/manual-clock';
import { MemoryHealth } from '../fakes/memory-health';
import { RecordingNotifier } from '../fakes/recording-notifier';

const FLEET = parseFleet(
  'fleet.yaml',
  `
notify: { ops: { stdout: true } }
defaults: { cameraSilentMinutes: 30, healthNotify: ops }
cameras:
  site/door: {}
  site/store-room: { cameraSilentMinutes: null }
`,
);

function watching() {
  const clock = new ManualClock();
  const notifier = new RecordingNotifier();
  const health = new MemoryHealth();
  const check = () =>
    checkHealth(Object.keys(FLEET.cameras), {
      health,
      notifier,
      clock,
      fleet: fixedFleet(FLEET, { lanes: ['cpu', 'gpu'] }),
    });
  const states = async () =>
    (await check()).changes.map(({ camera, state, silentMinutes }) => [
      camera,
      state,
      silentMinutes,
    ]);
  return { clock, notifier, health, check, states };
}

describe('a silent camera', () => {
  it('is raised once after cameraSilentMinutes and cleared when footage lands', async () => {
    const { clock, notifier, health, states } = watching();
    expect(await states()).toEqual([]);
    clock.advance(29 * 60);
    expect(await states()).toEqual([]);
    clock.advance(60);
    expect(await states()).toEqual([['site/door', 'raised', 30]]);
    clock.advance(3600);
    expect(await states()).toEqual([]);
    await health.noteLanded('site/door', clock.now().toISOString());
    expect(await states()).toEqual([['site/door', 'cleared', 90]]);
    clock.advance(30 * 60);
    expect(await states()).toEqual([['site/door', 'raised', 30]]);
    expect(notifier.sent).toHaveLength(3);
  });

  it('is watched from its first landing where the fleet file does not name it', async () => {
    const { clock, health, states } = watching();
    await health.noteLanded('site/new', clock.now().toISOString());
    clock.advance(30 * 60);
    expect((await states()).map(([camera]) => camera)).toContain('site/new');
  });

  it('stays pending while it can’t be handed over, and is sent later', async () => {
    const { clock, notifier, health, check } = watching();
    await check();
    clock.advance(30 * 60);
    notifier.failNext(1);
    const { changes, failures } = await check();
    expect([changes.length, failures.length]).toEqual([1, 1]);
    expect(await health.pendingHealthAlerts()).toHaveLength(1);
    expect((await check()).failures).toEqual([]);
    expect(await health.pendingHealthAlerts()).toEqual([]);
    expect(
      notifier.sent.map((sent) => notificationSchema.parse(notificationOf(sent))),
    ).toMatchObject([{ kind: 'health', camera: 'site/door', state: 'raised' }]);
  });
});
