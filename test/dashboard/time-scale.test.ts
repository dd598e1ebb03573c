import { describe, expect, it } from 'vitest';
import {
  addDays,
  dateOf,
  daySpan,
  msAt,
  ratioOf,
  spanAround,
  ticksOf,
} from '../../dashboard/logic/time-scale';

const at = (text: string): number => Date.parse(text);
const hours = ({ fromMs, toMs }: { fromMs: number; toMs: number }): number =>
  (toMs - fromMs) / 3_600_000;

describe('a day', () => {
  it('starts at local midnight', () => {
    expect(daySpan('2026-11-02', 'Australia/Melbourne')).toEqual({
      fromMs: at('2026-11-01T13:00:00Z'),
      toMs: at('2026-11-02T13:00:00Z'),
    });
  });

  it('has 23 or 25 hours where clocks change', () => {
    expect(hours(daySpan('2026-03-29', 'Europe/Berlin'))).toBe(23);
    expect(hours(daySpan('2026-10-25', 'Europe/Berlin'))).toBe(25);
  });

  it('starts with its first hour where midnight is skipped', () => {
    expect(daySpan('2026-09-06', 'America/Santiago').fromMs).toBe(at('2026-09-06T04:00:00Z'));
  });

  it('is named by the zone’s own date', () => {
    expect(dateOf(at('2026-11-02T23:30:00Z'), 'Europe/Berlin')).toBe('2026-11-03');
    expect(addDays('2026-12-31', 1)).toBe('2027-01-01');
  });
});

describe('a scale', () => {
  const span = { fromMs: 1000, toMs: 3000 };
  it('maps instants to ratios and back', () => {
    expect(ratioOf(1500, span)).toBe(0.25);
    expect(msAt(0.25, span)).toBe(1500);
  });

  it('keeps a window inside its day', () => {
    expect(spanAround(1100, 1000, span)).toEqual({ fromMs: 1000, toMs: 2000 });
    expect(spanAround(2900, 1000, span)).toEqual({ fromMs: 2000, toMs: 3000 });
    expect(spanAround(2000, 1000, span)).toEqual({ fromMs: 1500, toMs: 2500 });
    expect(spanAround(2000, 9000, span)).toEqual(span);
  });
});

describe('ticks', () => {
  it('stand at round local times, no more than have room', () => {
    const day = daySpan('2026-11-02', 'Asia/Kolkata');
    expect(ticksOf(day, 'Asia/Kolkata', 8).map(({ label }) => label)).toEqual([
      '00:00',
      '03:00',
      '06:00',
      '09:00',
      '12:00',
      '15:00',
      '18:00',
      '21:00',
      '00:00',
    ]);
  });

  it('have seconds where minutes are apart', () => {
    const from = at('2026-11-02T08:00:05Z');
    expect(ticksOf({ fromMs: from, toMs: from + 20_000 }, 'UTC', 4)).toEqual([
      { ms: at('2026-11-02T08:00:05Z'), label: '08:00:05' },
      { ms: at('2026-11-02T08:00:10Z'), label: '08:00:10' },
      { ms: at('2026-11-02T08:00:15Z'), label: '08:00:15' },
      { ms: at('2026-11-02T08:00:20Z'), label: '08:00:20' },
      { ms: at('2026-11-02T08:00:25Z'), label: '08:00:25' },
    ]);
  });
});
