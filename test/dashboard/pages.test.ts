import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { activityColumns, hoursOfDay, stacked } from '../../dashboard/logic/activity-plot';
import { clockAheadMs, skewSentence } from '../../dashboard/logic/clock-skew';
import {
  eventBeside,
  eventsAt,
  footageSpans,
  nextPlayable,
  previousPlayable,
  segmentAt,
} from '../../dashboard/logic/day-of-footage';
import { errorPages } from '../../dashboard/logic/error-pages';
import {
  filtersOf,
  isWanted,
  queryOf,
  settingsOf,
  spanOfPeriod,
} from '../../dashboard/logic/event-filters';
import { cameraOf, formatRoute, parseRoute } from '../../dashboard/logic/route';
import { whyGone } from '../../dashboard/logic/why-gone';
import { bytes, counted, durationOf, percent, usd } from '../../dashboard/logic/words';

describe('addresses', () => {
  it('name a page, what it is about, and its settings', () => {
    const route = {
      page: 'playback' as const,
      path: ['depot', 'gate'],
      settings: { at: '2026-11-02T08:00:12.500Z' },
    };
    const hash = '#/playback/depot/gate?at=2026-11-02T08%3A00%3A12.500Z';
    expect(formatRoute(route)).toBe(hash);
    expect(parseRoute(hash)).toEqual(route);
    expect(cameraOf(route)).toBe('depot/gate');
  });

  it('of what does not exist are Now', () => {
    const now = { page: 'now', path: [], settings: {} };
    expect(['', '#/', '#/nowhere/at/all', '#/%'].map(parseRoute)).toEqual([now, now, now, now]);
  });

  it('carry markup as text', () => {
    const path = ['<img src=x onerror=alert(1)>', 'a/b'];
    expect(parseRoute(formatRoute({ page: 'camera', path })).path).toEqual(path);
  });
});

describe('filters', () => {
  it('go through an address unchanged', () => {
    const filters = filtersOf({ site: 'depot', class: 'person', zone: 'any', period: 'week' });
    expect(filters).toEqual({
      site: 'depot',
      camera: '',
      className: 'person',
      zone: 'any',
      period: 'week',
    });
    const { searchParams } = new URL(
      `http://page/${formatRoute({ page: 'now', settings: settingsOf(filters) }).slice(2)}`,
    );
    expect(filtersOf(Object.fromEntries(searchParams))).toEqual(filters);
  });

  it('become a query of the api', () => {
    const place = { nowMs: Date.parse('2026-11-02T00:00:00Z'), timezone: 'Europe/Berlin' };
    const everything = { site: undefined, camera: undefined, className: undefined };
    expect(queryOf(filtersOf({}), spanOfPeriod('day', place))).toEqual({
      ...everything,
      zone: 'frame',
      since: '2026-11-01T00:00:00.000Z',
    });
    const day = '2026-10-25';
    expect(queryOf(filtersOf({ zone: 'any', period: day }), spanOfPeriod(day, place))).toEqual({
      ...everything,
      zone: undefined,
      since: '2026-10-24T22:00:00.000Z',
      until: '2026-10-25T23:00:00.000Z',
    });
  });

  it('let through what belongs, and no prefix of a site', () => {
    const event = {
      camera: 'depot/gate',
      className: 'person',
      zone: 'frame',
      startedAt: '2026-11-02T08:00:00.000Z',
      endedAt: '2026-11-02T08:00:09.000Z',
    };
    const passes = (settings: Record<string, string>, one = event): boolean => {
      const filters = filtersOf(settings);
      const span = spanOfPeriod(filters.period, {
        nowMs: Date.parse('2027-01-01'),
        timezone: 'UTC',
      });
      return isWanted(one, filters, span);
    };
    expect(passes({ site: 'depot' })).toBe(true);
    expect(passes({ site: 'dep' })).toBe(false);
    expect(passes({}, { ...event, zone: 'door' })).toBe(false);
    expect(passes({ zone: 'any' }, { ...event, zone: 'door' })).toBe(true);
    expect(passes({ period: '2026-11-02' })).toBe(true);
    expect(passes({ period: '2026-11-03' })).toBe(false);
    expect(filtersOf({ period: 'constructor' }).period).toBe('day');
  });
});

const segment = (minute: number, hasFootage = true) => ({
  segmentKey: `depot/gate/${minute}`,
  objectKey: `depot/gate/${minute}`,
  startedAt: new Date(minute * 60_000).toISOString(),
  seconds: 60,
  status: 'done',
  hasFootage,
  expiredBy: null,
  expiredAt: null,
  expiredReason: null,
});

describe('footage that is gone', () => {
  const words = {
    clock: (at: string) => at.slice(11, 19),
    moment: (at: string) => at.slice(0, 16),
    day: (at: string) => at.slice(0, 10),
  };
  const gone = { ...segment(0, false), expiredAt: '1970-01-03T04:05:06.000Z' };

  it('is said since when and why', () => {
    const retention = {
      ...gone,
      expiredBy: 'retention',
      expiredReason: 'quiet for more than 2 days',
    } as const;
    expect(whyGone(retention, words)).toBe(
      'The footage from 00:00:00 was deleted by retention on 1970-01-03T04:05: quiet for more than 2 days.',
    );
  });

  it('by lifecycle is said at about, for nobody sees it go', () => {
    const lifecycle = {
      ...gone,
      expiredBy: 'lifecycle',
      expiredReason: '365 days after it landed',
    } as const;
    expect(whyGone(lifecycle, words)).toBe(
      'The footage from 00:00:00 was deleted by the bucket’s lifecycle on about 1970-01-03, 365 days after it landed (by its rule: S3 tells nobody when it does).',
    );
  });

  it('without a note has no sentence of its own', () => {
    expect(whyGone(segment(0, false), words)).toBeNull();
  });
});

describe('a day of footage', () => {
  const day = [segment(0), segment(1), segment(2, false), segment(10)];
  const minute = (count: number): number => count * 60_000;

  it('joins recordings that follow one another with the same fate', () => {
    expect(footageSpans(day.toReversed())).toEqual([
      { fromMs: 0, toMs: minute(2), kind: 'footage' },
      { fromMs: minute(2), toMs: minute(3), kind: 'expired' },
      { fromMs: minute(10), toMs: minute(11), kind: 'footage' },
    ]);
  });

  it('finds what to play at, after and before an instant', () => {
    expect(segmentAt(day, 61_000)).toEqual(day[1]);
    expect(segmentAt(day, minute(5))).toBeNull();
    expect(segmentAt([segment(2, false), segment(2)], minute(2))?.hasFootage).toBe(true);
    expect(nextPlayable(day, minute(1))).toEqual(day[3]);
    expect(previousPlayable(day, minute(10))).toEqual(day[1]);
    expect(previousPlayable(day, 0)).toBeNull();
  });

  it('finds the events at and beside an instant', () => {
    const events = [30, 90].map((second) => ({
      id: String(second),
      startedAt: new Date(second * 1000).toISOString(),
      endedAt: new Date((second + 10) * 1000).toISOString(),
    })) as unknown as Parameters<typeof eventsAt>[0];
    expect(eventBeside(events, 30_000, 'next')?.id).toBe('90');
    expect(eventBeside(events, 91_000, 'previous')?.id).toBe('30');
    expect(eventBeside(events, 95_000, 'next')).toBeNull();
    expect(eventsAt(events, 35_000).map(({ id }) => id)).toEqual(['30']);
  });
});

describe('activity', () => {
  const rows = [
    { hour: '2026-11-02T08:00:00.000Z', className: 'person', presenceSeconds: 90, peakCount: 1 },
    { hour: '2026-11-02T08:00:00.000Z', className: 'car', presenceSeconds: 60, peakCount: 2 },
    { hour: '2026-11-02T10:00:00.000Z', className: 'person', presenceSeconds: 30, peakCount: 1 },
  ];
  const period = {
    fromMs: Date.parse('2026-11-02T08:00:00Z'),
    toMs: Date.parse('2026-11-02T11:00:00Z'),
  };

  it('has every hour, those without anything too', () => {
    expect(activityColumns(rows, period).classes).toEqual([
      { className: 'car', minutes: [1, 0, 0] },
      { className: 'person', minutes: [1.5, 0, 0.5] },
    ]);
  });

  it('sums up by day', () => {
    const byDay = activityColumns(rows, { ...period, dayOf: () => '2026-11-02' });
    expect(byDay.startsMs).toEqual([period.fromMs]);
    expect(byDay.classes.map(({ minutes }) => minutes)).toEqual([[1], [2]]);
  });

  it('goes by the clock of the place', () => {
    const [car] = hoursOfDay(rows, 'Asia/Tokyo');
    expect(car?.minutes.findIndex((value) => value > 0)).toBe(17);
  });

  it('stacks', () => {
    expect(
      stacked([
        [1, 2],
        [3, 4],
      ]),
    ).toEqual([
      [1, 2],
      [4, 6],
    ]);
  });
});

describe('words', () => {
  it('tell amounts as people do', () => {
    expect(counted(1, 'segment')).toBe('1 segment');
    expect(counted(1200, 'segment')).toBe('1,200 segments');
    expect([0.4, 43, 125, 3600, 100_000, 400_000].map(durationOf)).toEqual([
      '0 s',
      '43 s',
      '2 min 5 s',
      '1 h',
      '1 day 3 h',
      '4 days 15 h',
    ]);
    expect([0, 1.917, -0.5, 1234.4, 0.000038].map(usd)).toEqual([
      '$0.00',
      '$1.92',
      '−$0.50',
      '$1,234',
      '$0.000038',
    ]);
    expect([0, 820, 1_400_000, 3e9].map(bytes)).toEqual(['0 B', '820 B', '1.4 MB', '3 GB']);
    expect(percent(0.874)).toBe('87 %');
  });

  it('say that a clock is off, and by how much', () => {
    expect(skewSentence(-60_000)).toBeNull();
    expect(skewSentence(-3 * 3_600_000)).toMatch('3 h ahead of the server’s');
    expect(skewSentence(999 - 3 * 3_600_000)).toMatch('is 3 h ahead of the server’s');
    expect(skewSentence(3 * 3_600_000)).toMatch('3 h behind the server’s');
  });

  it('take no answer that was long under way for a clock that is off', () => {
    const slow = { sentMs: 100_400, receivedMs: 220_000 };
    // A date of HTTP is cut to whole seconds.
    expect([100_000, 150_000, 220_000].map((date) => clockAheadMs(date, slow))).toEqual([0, 0, 0]);
    expect(clockAheadMs(40_000, slow)).toBe(-59_400);
    expect(clockAheadMs(300_000, slow)).toBe(80_000);
  });
});

describe('error pages', () => {
  const text = readFileSync(join(__dirname, '../../docs/errors.md'), 'utf8');
  it('are one a heading of docs/errors.md, with their marks', () => {
    const pages = errorPages(text);
    expect(pages.length).toBe(text.match(/^## /gm)?.length);
    expect(pages.every(({ code, paragraphs }) => /^[a-z0-9-]+$/.test(code) && paragraphs[0])).toBe(
      true,
    );
    expect(errorPages('## a-code\n\nOne `x` and **two**\nlines.\n\nThree.\n')).toEqual([
      {
        code: 'a-code',
        paragraphs: [
          [
            { kind: 'text', text: 'One ' },
            { kind: 'code', text: 'x' },
            { kind: 'text', text: ' and ' },
            { kind: 'strong', text: 'two' },
            { kind: 'text', text: ' lines.' },
          ],
          [{ kind: 'text', text: 'Three.' }],
        ],
      },
    ]);
  });
});
