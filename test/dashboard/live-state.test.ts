import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DetectionEvent } from '../../core/segment-result';
import {
  heard,
  type LiveMessage,
  MAX_LIVE_EVENTS,
  mergedEvents,
  NOTHING_HEARD,
} from '../../dashboard/logic/live-state';

const instant = (second: number): string => new Date(second * 1000).toISOString();
const event = (id: string, from: number, to: number, zone = 'frame'): DetectionEvent => ({
  id,
  camera: 'depot/gate',
  className: 'person',
  zone,
  startedAt: instant(from),
  endedAt: instant(to),
  isStationary: false,
  isOpen: true,
  peakCount: 1,
  bestConfidence: 0.9,
  snapshotKey: null,
  segmentKeys: [],
});
const stateAfter = (...messages: LiveMessage[]) => messages.reduce(heard, NOTHING_HEARD);

describe('what the page has heard', () => {
  it('asks for everything again once the api is back', () => {
    const down = stateAfter(
      { kind: 'opened' },
      { kind: 'failed', atMs: 5 },
      { kind: 'failed', atMs: 9 },
    );
    expect(down).toEqual({ ...NOTHING_HEARD, connection: 'down', downSinceMs: 5 });
    expect(heard(down, { kind: 'opened' })).toEqual({
      ...NOTHING_HEARD,
      connection: 'live',
      generation: 1,
    });
  });

  it('counts as polling until the stream opens, and again once it has ended', () => {
    const polling = stateAfter({ kind: 'polled' });
    expect(polling.connection).toBe('polling');
    expect(heard(polling, { kind: 'opened' }).connection).toBe('live');
    expect(stateAfter({ kind: 'opened' }, { kind: 'polled' }).connection).toBe('polling');
    expect(stateAfter({ kind: 'opened' }, { kind: 'opened' }).generation).toBe(0);
  });

  it('keeps one of an event that grows, whatever its id becomes', () => {
    const state = stateAfter(
      { kind: 'event', event: event('a', 10, 20) },
      { kind: 'event', event: event('b', 40, 50) },
      { kind: 'event', event: event('c', 12, 15, 'door') },
      { kind: 'event', event: event('d', 5, 45) },
    );
    expect(state.events.map(({ id }) => id)).toEqual(['c', 'd']);
  });

  it('stays small however long it listens, and has lists read again that what it forgets was in', () => {
    const messages = Array.from(
      { length: MAX_LIVE_EVENTS + 1 },
      (_, index): LiveMessage => ({
        kind: 'event',
        event: event(`e${index}`, index * 10, index * 10 + 1),
      }),
    );
    const before = stateAfter(...messages.slice(0, -1));
    expect([before.events.length, before.generation]).toEqual([MAX_LIVE_EVENTS, 0]);
    const { events, generation } = heard(before, messages.at(-1)!);
    expect([events.length, generation]).toEqual([MAX_LIVE_EVENTS / 2, 1]);
    expect(events[0]?.id).toBe(`e${MAX_LIVE_EVENTS / 2 + 1}`);
  });

  it('has the lag and the counts that were told last, but no lag of footage of the past', () => {
    const counts = { queues: null, deadLetters: 0, quarantined: 2, silentCameras: 1 };
    expect(
      stateAfter(
        { kind: 'segment', lagSeconds: 4 },
        { kind: 'segment', lagSeconds: 18 * 86_400 },
        { kind: 'health', counts },
      ),
    ).toEqual({ ...NOTHING_HEARD, lagSeconds: 4, counts });
  });

  it('forgets an event that became part of another, and reads all again after a reset', () => {
    const state = stateAfter(
      { kind: 'event', event: event('a', 10, 20) },
      { kind: 'replaced', id: 'a' },
      { kind: 'reset' },
    );
    expect(state).toEqual({ ...NOTHING_HEARD, generation: 1 });
  });
});

describe('stored and heard events', () => {
  it('are one list, the newest first, without parts of what was heard', () => {
    const stored = [event('a', 10, 20), event('b', 30, 40), event('z', 30, 40, 'door')];
    const live = [event('n', 8, 22), event('m', 90, 95)];
    expect(mergedEvents(stored, live).map(({ id }) => id)).toEqual(['m', 'b', 'z', 'n']);
  });

  it('have every event once in any order of arrival', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray([0, 1, 2, 3, 4, 5]), (order) => {
        const all = order.map((index) => event(`e${index}`, index * 100, index * 100 + 10));
        const { events } = stateAfter(
          ...all.map((one): LiveMessage => ({ kind: 'event', event: one })),
        );
        expect(mergedEvents(all, events).map(({ id }) => id)).toEqual(
          order.sort((a, b) => b - a).map((index) => `e${index}`),
        );
      }),
    );
  });
});
