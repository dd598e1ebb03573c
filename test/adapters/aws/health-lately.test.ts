import { expect, it } from 'vitest';
import { HealthLately } from '../../../adapters/aws/health-lately';
import { ManualClock } from '../../fakes/manual-clock';
import { MemoryHealth } from '../../fakes/memory-health';
import { MemoryStore } from '../../fakes/memory-store';

/** Landings of a camera, and how often each question was asked of the table. */
async function lately() {
  const [clock, health, store] = [new ManualClock(0), new MemoryHealth(), new MemoryStore()];
  const asked: string[] = [];
  const told = new HealthLately(
    {
      lastLandings: () => {
        asked.push('landings');
        return health.lastLandings();
      },
      latestHealthAlert: (camera) => {
        asked.push(camera);
        return health.latestHealthAlert(camera);
      },
      rejections: () => {
        asked.push('rejections');
        return store.rejections();
      },
    },
    clock,
  );
  const ask = () =>
    Promise.all([
      told.lastLandings(),
      told.latestHealthAlert('a/b'),
      told.latestHealthAlert('a/c'),
      told.rejections(),
    ]);
  return { clock, health, asked, ask };
}

it('asks the table each question once in half a minute, however many look', async () => {
  const { clock, health, asked, ask } = await lately();
  const each = ['landings', 'a/b', 'a/c', 'rejections'];
  await Promise.all([ask(), ask()]);
  await health.noteLanded('a/b', '2026-11-20T08:00:00.000Z');
  clock.advance(29);
  expect([await ask(), asked]).toEqual([[new Map(), null, null, []], each]);
  clock.advance(1);
  const landed = new Map([['a/b', '2026-11-20T08:00:00.000Z']]);
  expect([await ask(), asked]).toEqual([
    [landed, null, null, []],
    [...each, ...each],
  ]);
});

it('asks again at once what could not be answered', async () => {
  const { health, asked, ask } = await lately();
  const { lastLandings } = health;
  health.lastLandings = async () => {
    throw new Error('the table is away');
  };
  await expect(ask()).rejects.toThrow('the table is away');
  health.lastLandings = lastLandings;
  expect((await ask())[0]).toEqual(new Map());
  expect(asked.filter((one) => one === 'landings')).toHaveLength(2);
});
