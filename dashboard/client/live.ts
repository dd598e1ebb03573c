import type { SegmentChange } from '../../core/changes';
import type { DetectionEvent } from '../../core/segment-result';
import { heard, type LiveMessage, type LiveState, NOTHING_HEARD } from '../logic/live-state';
import type { EventPage, Health, HealthCounts, Session } from './answers';
import { ApiProblem, apiUrl, ask } from './api';

const RETRY_MS = 2000;
const POLL_MS = 5000;
const POLLED_EVENTS = 100;

/** What happens, told by the api's stream; where there is none, or it fails, asked for every few seconds. */
export class Live {
  private state: LiveState = NOTHING_HEARD;
  private readonly listeners = new Set<() => void>();
  private source: EventSource | null = null;
  private timer: number | undefined;
  private hasStream = true;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };
  readonly current = (): LiveState => this.state;

  /** Begins, or begins again after somebody signed in. */
  start({ offers }: Session): void {
    this.hasStream = offers.includes('stream');
    this.connect();
  }

  /** Until somebody signs in: nothing would be answered. */
  stop(): void {
    this.source?.close();
    this.source = null;
    window.clearTimeout(this.timer);
  }

  private connect(): void {
    this.stop();
    if (!this.hasStream) {
      void this.poll();
      return;
    }
    const source = new EventSource(apiUrl('stream'));
    this.source = source;
    source.onopen = () => this.hear({ kind: 'opened' });
    source.onerror = () => {
      if (source.readyState === EventSource.CLOSED) void this.recover();
      // The browser connects again by itself, from the last message it has.
      else this.hear({ kind: 'failed', atMs: Date.now() });
    };
    this.listen<DetectionEvent>('detection-event', (event) => ({ kind: 'event', event }));
    this.listen<{ id: string }>('detection-event-replaced', ({ id }) => ({ kind: 'replaced', id }));
    this.listen<SegmentChange>('segment', ({ lagSeconds }) => ({ kind: 'segment', lagSeconds }));
    this.listen('reset', () => ({ kind: 'reset' }));
    this.listen<HealthCounts>('health', (counts) => ({ kind: 'health', counts }));
  }

  private listen<Data>(name: string, messageOf: (data: Data) => LiveMessage): void {
    this.source?.addEventListener(name, ({ data }: MessageEvent<string>) => {
      this.hear(messageOf(JSON.parse(data) as Data));
    });
  }

  /** The stream was refused: finds out whether the api is there, and goes on by asking where it only won't stream. */
  private async recover(): Promise<void> {
    this.stop();
    try {
      await this.askOnce();
      this.timer = window.setTimeout(() => this.connect(), POLL_MS);
    } catch (error) {
      if (error instanceof ApiProblem && error.status === 401) return;
      this.hear({ kind: 'failed', atMs: Date.now() });
      this.timer = window.setTimeout(() => void this.recover(), RETRY_MS);
    }
  }

  private async poll(): Promise<void> {
    try {
      await this.askOnce();
    } catch (error) {
      if (error instanceof ApiProblem && error.status === 401) return;
      this.hear({ kind: 'failed', atMs: Date.now() });
    }
    this.timer = window.setTimeout(() => void this.poll(), POLL_MS);
  }

  private async askOnce(): Promise<void> {
    const query = { order: 'newest', limit: POLLED_EVENTS };
    const [{ events }, health] = await Promise.all([
      ask<EventPage>('events', { query }),
      ask<Health>('health'),
    ]);
    this.hear({ kind: 'polled' });
    const known = new Map(this.state.events.map((event) => [event.id, event.endedAt]));
    for (const event of events.toReversed()) {
      if (known.get(event.id) !== event.endedAt) this.hear({ kind: 'event', event });
    }
    this.hear({ kind: 'health', counts: countsOf(health) });
  }

  private hear(message: LiveMessage): void {
    const next = heard(this.state, message);
    if (next === this.state) return;
    this.state = next;
    for (const listener of this.listeners) listener();
  }
}

function countsOf({ queues, deadLetters, quarantined, silentCameras }: Health): HealthCounts {
  return {
    queues,
    deadLetters: deadLetters.count,
    quarantined: quarantined.count,
    silentCameras: silentCameras.length,
  };
}
