import { expect, it } from 'vitest';
import { hoursDue } from '../../core/hours-due';

const isoOf = (hours: readonly number[]): string[] =>
  hours.map((ms) => new Date(ms).toISOString().slice(0, 13));

it('sums the hour that is over since 15 minutes, and those of 1, 2, 4 … 128 hours before anew', () => {
  const { fresh, again } = hoursDue({
    rolledTo: '2026-11-20T08:00:00.000Z',
    now: '2026-11-20T09:15:00.000Z',
  });
  expect(isoOf(fresh)).toEqual(['2026-11-20T08']);
  expect(isoOf(again)).toEqual([
    '2026-11-15T00',
    '2026-11-17T16',
    '2026-11-19T00',
    '2026-11-19T16',
    '2026-11-20T00',
    '2026-11-20T04',
    '2026-11-20T06',
    '2026-11-20T07',
  ]);
});

it('leaves an hour alone that ended less than 15 minutes ago', () => {
  const { fresh } = hoursDue({
    rolledTo: '2026-11-20T08:00:00.000Z',
    now: '2026-11-20T09:14:59.999Z',
  });
  expect(fresh).toEqual([]);
});

it('after an outage goes on where it stopped, and sums nothing anew that it never summed', () => {
  const { fresh, again } = hoursDue({
    rolledTo: '2026-11-20T03:00:00.000Z',
    now: '2026-11-20T09:20:00.000Z',
  });
  expect(isoOf(fresh)).toEqual([3, 4, 5, 6, 7, 8].map((hour) => `2026-11-20T0${hour}`));
  expect(isoOf(again).at(-1)).toBe('2026-11-20T00');
});

it('sums a period anew that somebody asks for, no further than it is rolled up', () => {
  const asked = { from: '2026-11-20T05:30:00.000Z', to: '2026-11-21T00:00:00.000Z' };
  const due = hoursDue({
    rolledTo: '2026-11-20T08:00:00.000Z',
    now: '2026-11-20T12:00:00.000Z',
    asked,
  });
  expect(due.fresh).toEqual([]);
  expect(isoOf(due.again)).toEqual(['2026-11-20T05', '2026-11-20T06', '2026-11-20T07']);
});
