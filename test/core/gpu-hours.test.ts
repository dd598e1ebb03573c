import { expect, it } from 'vitest';
import { gpuHours } from '../../core/fleet/gpu-hours';
import { parseFleet } from '../../core/fleet/parse';

const fleet = (text: string) => parseFleet('fleet.yaml', text);

it('starts the endpoint half an hour before the first schedule that needs it and stops it after the last', () => {
  const { timezone, changes } = gpuHours(
    fleet(`
sites:
  mall:
    timezone: Australia/Melbourne
    schedule:
      - { between: "08:00-12:00", days: mon-fri, tier: high }
      - { between: "07:00-19:00", tier: steady }
cameras:
  mall/a: {}
  mall/b: { schedule: [{ between: "10:00-18:30", days: mon-fri, tier: high }] }
  mall/c: { tier: low }`),
  );
  expect([timezone, changes]).toEqual([
    'Australia/Melbourne',
    [
      { action: 'start', cron: 'cron(30 7 ? * MON,TUE,WED,THU,FRI *)' },
      { action: 'stop', cron: 'cron(30 18 ? * MON,TUE,WED,THU,FRI *)' },
    ],
  ]);
});

it('places another zone’s hours by its distance, and keeps the endpoint between hours that touch', () => {
  const text = `
sites:
  mall: { timezone: Europe/Berlin, schedule: [{ between: "08:00-12:00", tier: high }] }
  shop: { timezone: Europe/London, schedule: [{ between: "11:15-13:00", tier: high }] }
cameras: { mall/a: {}, mall/b: {}, shop/a: {} }`;
  expect(gpuHours(fleet(text))).toEqual({
    timezone: 'Europe/Berlin',
    changes: [
      { action: 'start', cron: 'cron(30 7 ? * * *)' },
      { action: 'stop', cron: 'cron(0 14 ? * * *)' },
    ],
  });
});

it('only ever starts it where some camera needs it at every hour, and never where none does', () => {
  const always = fleet('cameras: { mall/a: { tier: high }, mall/b: { tier: low } }');
  expect(gpuHours(always)).toEqual({
    timezone: 'UTC',
    changes: [{ action: 'start', cron: 'rate(1 hour)' }],
  });
  expect(gpuHours(fleet('cameras: { mall/a: { tier: steady } }')).changes).toEqual([]);
});
