import type { SegmentChange } from '../../core/changes';
import type { DetectionEvent } from '../../core/segment-result';
import { heard, type LiveMessage, type LiveState, NOTHING_HEARD } from '../logic/live-state';
import type { EventPage, Health, HealthCounts, Session } from './answers';
import { apiUrl, ask } from './api';

const RETRY_MS = 2000;
const POLL_MS = 5000;
const POLLED_EVENTS = 100;

/** What happens, told by the api's stream; where there is none, or it fails, asked for every few seconds. */
export class Live {
  private state: LiveState = NOTHING_HEARD;
  private readonly listeners = new Set<() => void>();
  /** Of what goes on until the connection ends or another begins. */
  private ending = new AbortController();
  private hasStream = true;
  /** The last change that the page knows of: the stream goes on behind it. */
  private lastId = '';
  private isFirst = true;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };
  readonly current = (): LiveState => this.state;

  /** Begins, or begins again after somebody signed in: what was refused meanwhile is asked for again. */
  start({ offers, lastChange }: Session): void {
    this.hasStream = offers.includes('stream');
    this.lastId ||= String(lastChange ?? '');
    if (!this.isFirst) this.hear({ kind: 'reset' });
    this.isFirst = false;
    this.connect();
  }

  /** Until somebody signs in: nothing would be answered. */
  stop(): void {
    this.ending.abort();
  }

  private connect(): void {
    this.stop();
    this.ending = new AbortController();
    if (this.hasStream) this.follow(this.ending.signal);
    else void this.poll(this.ending.signal);
  }

  private follow(ending: AbortSignal): void {
    const source = new EventSource(apiUrl('stream', { after: this.lastId }));
    ending.addEventListener('abort', () => source.close());
    source.onopen = () => this.hear({ kind: 'opened' });
    source.onerror = () => {
      if (source.readyState === EventSource.CLOSED) void this.recover(ending);
      // The browser connects again by itself, from the last message it has.
      else this.hear({ kind: 'failed', atMs: Date.now() });
    };
    const listen = <Data>(name: string, messageOf: (data: Data) => LiveMessage): void => {
      source.addEventListener(name, ({ data, lastEventId }: MessageEvent<string>) => {
        if (lastEventId !== '') this.lastId = lastEventId;
        this.hear(messageOf(JSON.parse(data) as Data));
      });
    };
    listen<DetectionEvent>('detection-event', (event) => ({ kind: 'event', event }));
    listen<{ id: string }>('detection-event-replaced', ({ id }) => ({ kind: 'replaced', id }));
    listen<SegmentChange>('segment', ({ lagSeconds }) => ({ kind: 'segment', lagSeconds }));
    listen('reset', () => ({ kind: 'reset' }));
    listen<HealthCounts>('health', (counts) => ({ kind: 'health', counts }));
  }

  /** The stream was refused: finds out whether the api is there, and goes on by asking where it only won't stream. */
  private async recover(ending: AbortSignal): Promise<void> {
    const isThere = await this.askOnce(ending);
    later(ending, isThere ? POLL_MS : RETRY_MS, () =>
      isThere ? this.connect() : void this.recover(ending),
    );
  }

  private async poll(ending: AbortSignal): Promise<void> {
    await this.askOnce(ending);
    later(ending, POLL_MS, () => whenSeen(ending, () => void this.poll(ending)));
  }

  /** @returns whether the api answered */
  private async askOnce(signal: AbortSignal): Promise<boolean> {
    const query = { order: 'newest', limit: POLLED_EVENTS };
    try {
      const [{ events }, health] = await Promise.all([
        ask<EventPage>('events', { query, signal }),
        ask<Health>('health', { signal }),
      ]);
      if (signal.aborted) return false;
      this.hear({ kind: 'polled' });
      const known = new Map(this.state.events.map((event) => [event.id, event.endedAt]));
      for (const event of events.toReversed()) {
        if (known.get(event.id) !== event.endedAt) this.hear({ kind: 'event', event });
      }
      this.hear({ kind: 'health', counts: countsOf(health) });
      return true;
    } catch {
      if (!signal.aborted) this.hear({ kind: 'failed', atMs: Date.now() });
      return false;
    }
  }

  private hear(message: LiveMessage): void {
    const next = heard(this.state, message);
    if (next === this.state) return;
    this.state = next;
    for (const listener of this.listeners) listener();
  }
}

/** Does something in a while, unless the connection has ended by then. */
function later(ending: AbortSignal, ms: number, what: () => void): void {
  window.setTimeout(() => {
    if (!ending.aborted) what();
  }, ms);
}

/** Does something once somebody looks at the page: each time that it asks is paid for. */
function whenSeen(ending: AbortSignal, what: () => void): void {
  if (!document.hidden) what();
  else document.addEventListener('visibilitychange', what, { once: true, signal: ending });
}

function countsOf({ queues, deadLetters, quarantined, silentCameras }: Health): HealthCounts {
  return {
    queues,
    deadLetters: deadLetters.count,
    quarantined: quarantined.count,
    silentCameras: silentCameras.length,
  };
}
