import type { DetectionEvent } from '../../core/segment-result';
import type { HealthCounts } from '../client/answers';
import type { ListedEvent } from './listed-event';

/** `live`: told as it happens; `polling`: asked every few seconds; `down`: no answer. */
export type Connection = 'connecting' | 'live' | 'polling' | 'down';

/** What the page has heard since it was opened. */
export interface LiveState {
  readonly connection: Connection;
  /** When the api stopped to answer, ms since 1970; null while it does. */
  readonly downSinceMs: number | null;
  /** Grows when the api is back: everything on the page is asked for again. */
  readonly generation: number;
  /** The newest last, at most {@link MAX_LIVE_EVENTS}. */
  readonly events: readonly DetectionEvent[];
  /** From the end of the segment that was finished last until it was (s); null: none was. */
  readonly lagSeconds: number | null;
  /** Queues, quarantine and silence as they stand; null: not heard yet. */
  readonly counts: HealthCounts | null;
}

export const NOTHING_HEARD: LiveState = {
  connection: 'connecting',
  downSinceMs: null,
  generation: 0,
  events: [],
  lagSeconds: null,
  counts: null,
};

/** A page left open for weeks stays small: lists are read again before what was heard is forgotten. */
export const MAX_LIVE_EVENTS = 2000;

const LATE_SECONDS = 86_400;

export type LiveMessage =
  | { readonly kind: 'opened' | 'polled' }
  | { readonly kind: 'failed'; readonly atMs: number }
  | { readonly kind: 'event'; readonly event: DetectionEvent }
  | { readonly kind: 'replaced'; readonly id: string }
  | { readonly kind: 'segment'; readonly lagSeconds: number | null }
  /** Some changes are no longer known to the api, or could not be seen. */
  | { readonly kind: 'reset' }
  | { readonly kind: 'health'; readonly counts: HealthCounts };

/** What is known after a message. */
export function heard(state: LiveState, message: LiveMessage): LiveState {
  switch (message.kind) {
    case 'opened':
      return answered(state, 'live');
    case 'polled': {
      const next = answered(state, 'polling');
      // The lists that are read again know better than what was heard before the gap.
      return state.downSinceMs === null ? next : { ...next, events: [] };
    }
    case 'failed':
      return {
        ...state,
        connection: 'down',
        downSinceMs: state.downSinceMs ?? message.atMs,
      };
    case 'event':
      return withinBounds({ ...state, events: withEvent(state.events, message.event) });
    case 'segment':
      return {
        ...state,
        lagSeconds: isLate(message.lagSeconds) ? state.lagSeconds : message.lagSeconds,
      };
    case 'health':
      return { ...state, counts: message.counts };
    case 'replaced':
      return { ...state, events: state.events.filter(({ id }) => id !== message.id) };
    case 'reset':
      return { ...state, events: [], generation: state.generation + 1 };
  }
}

function withinBounds(state: LiveState): LiveState {
  if (state.events.length <= MAX_LIVE_EVENTS) return state;
  const events = state.events.slice(-MAX_LIVE_EVENTS / 2);
  return { ...state, events, generation: state.generation + 1 };
}

/** Footage of the past that lands today tells nothing of how far behind the work is. */
function isLate(lagSeconds: number | null): boolean {
  return lagSeconds === null || lagSeconds > LATE_SECONDS;
}

function answered(state: LiveState, connection: Connection): LiveState {
  const wasAway = state.downSinceMs !== null;
  if (state.connection === connection && !wasAway) return state;
  return {
    ...state,
    connection,
    downSinceMs: null,
    generation: state.generation + (wasAway ? 1 : 0),
  };
}

/**
 * A list with an event in it. Events grow and take others in as segments arrive, and their id may change with it:
 * what the new one overlaps, of the same camera, class and zone, was a part of it.
 */
export function withEvent(
  events: readonly DetectionEvent[],
  event: DetectionEvent,
): DetectionEvent[] {
  return [...events.filter((one) => !isPartOf(one, event)), event];
}

/** Stored and heard events together, what was heard last in place of its parts; what ended last comes first. */
export function mergedEvents(
  stored: readonly ListedEvent[],
  live: readonly ListedEvent[],
): ListedEvent[] {
  const rows = new Map<string, ListedEvent[]>();
  for (const one of live) {
    const key = rowOf(one);
    rows.set(key, [...(rows.get(key) ?? []), one]);
  }
  // Most of a long list is of cameras from which nothing was heard meanwhile.
  const cameras = new Set(live.map(({ camera }) => camera));
  const kept = stored.filter(
    (one) =>
      !cameras.has(one.camera) ||
      !(rows.get(rowOf(one)) ?? []).some((later) => isPartOf(one, later)),
  );
  return [...kept, ...live].sort(newestFirst);
}

function newestFirst(a: ListedEvent, b: ListedEvent): number {
  if (a.endedAt !== b.endedAt) return a.endedAt > b.endedAt ? -1 : 1;
  return a.id < b.id ? -1 : 1;
}

function rowOf({ camera, className, zone }: ListedEvent): string {
  return `${camera}\n${className}\n${zone}`;
}

function isPartOf(one: ListedEvent, later: ListedEvent): boolean {
  if (one.id === later.id) return true;
  return (
    rowOf(one) === rowOf(later) && one.startedAt <= later.endedAt && one.endedAt >= later.startedAt
  );
}
