import { expect, it } from 'vitest';
import { parseFleet } from '../../core/fleet/parse';
import { warmHours } from '../../core/fleet/warm-hours';

/** A mall of so many cameras that is busier by day. */
function mall(cameras: number, change = '') {
  const entries = Array.from({ length: cameras }, (_, index) => `  mall/c${index}: {}`);
  return parseFleet(
    'fleet.yaml',
    `
defaults: { tier: low }
sites:
  mall:
    timezone: Australia/Melbourne
    schedule: [{ between: "07:00-19:30", days: mon-sat, tier: steady }]
cameras:
${entries.join('\n')}
${change}`,
  );
}
const OPTIONS = { hasGpuLane: false, max: 20 };

it('keeps as many environments warm as the scheduled hours need, and none at the quietest', () => {
  // 1,000 cameras at 15.5 CPU seconds an hour are 4.3 environments, at 70 % of use 7.
  const schedules = [
    { cron: 'cron(0 7 ? * MON,TUE,WED,THU,FRI,SAT *)', min: 7, max: 20 },
    { cron: 'cron(30 19 ? * MON,TUE,WED,THU,FRI,SAT *)', min: 0, max: 0 },
  ];
  expect(warmHours(mall(1000), OPTIONS)).toEqual({
    min: 0,
    max: 20,
    targetRatio: 0.7,
    schedules: schedules.map((one) => ({ ...one, timezone: 'Australia/Melbourne' })),
  });
});

it('stays within the most that may be kept warm', () => {
  const { schedules } = warmHours(mall(10_000), OPTIONS)!;
  expect(schedules.map(({ min, max }) => [min, max])).toEqual([
    [20, 20],
    [0, 0],
  ]);
});

it('needs none where no schedule changes the lane’s work', () => {
  expect(
    warmHours(parseFleet('fleet.yaml', 'cameras: { mall/door: { tier: steady } }'), OPTIONS),
  ).toBe(null);
  // The camera's own tier is stronger than its site's schedule.
  const fixed = mall(0, '  mall/door: { tier: steady }');
  expect(warmHours(fixed, OPTIONS)).toBeNull();
});

it('leaves cameras to the gpu lane where there is one', () => {
  const busy = '  mall/door: { schedule: [{ between: "08:00-18:00", tier: high }] }';
  expect(warmHours(mall(0, busy), { ...OPTIONS, hasGpuLane: true })?.schedules).toEqual(
    [
      { cron: 'cron(0 18 ? * * *)', timezone: 'Australia/Melbourne', min: 1, max: 20 },
      { cron: 'cron(0 8 ? * * *)', timezone: 'Australia/Melbourne', min: 0, max: 0 },
    ].reverse(),
  );
});

it('places another zone’s hours by its distance to the clock in force', () => {
  const fleet = parseFleet(
    'fleet.yaml',
    `
sites:
  mall: { timezone: Europe/Berlin, schedule: [{ between: "08:00-18:00", tier: steady }] }
  shop: { timezone: Europe/London, schedule: [{ between: "08:00-18:00", tier: steady }] }
cameras: { mall/a: {}, mall/b: {}, shop/a: {} }
`,
  );
  expect(warmHours(fleet, OPTIONS)!.schedules).toEqual([
    { cron: 'cron(0 8 ? * * *)', timezone: 'Europe/Berlin', min: 1, max: 20 },
    { cron: 'cron(0 19 ? * * *)', timezone: 'Europe/Berlin', min: 0, max: 0 },
  ]);
});
