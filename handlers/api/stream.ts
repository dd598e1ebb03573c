import { createRoute, z } from '@hono/zod-openapi';
import { type SSEStreamingApi, streamSSE } from 'hono/streaming';
import { type Change, segmentChangeSchema } from '../../core/changes';
import { type EventPeriod, readEvents } from '../../core/read-events';
import { stayRuleOf } from '../../core/stationary';
import type { Api } from './app';
import type { ApiDeps } from './deps';
import { eventItemsOf, eventSettingsOf, shown } from './events';
import { problemAnswer, siteField, siteOfKey } from './fields';
import { type HealthCounts, healthCounts, healthCountsSchema } from './health';
import { NotOfferedError, TooManyRequestsError } from './problem';
import { SentEvents } from './sent-events';
import { isOfSites, narrow, type Sites } from './sites';

const POLL_MS = 400;
const HEALTH_EVERY_POLLS = 6;
const HEARTBEAT_EVERY_POLLS = 37;
/** A browser waits this long before it connects again (ms). */
const RETRY_MS = 2000;
const MAX_STREAMS = 64;
const CHANGE_NUMBER = /^\d{1,15}$/;

const route = createRoute({
  method: 'get',
  path: '/api/stream',
  operationId: 'streamChanges',
  summary:
    'Server-sent events from now on, or from a change on: segments that are done, the events that they made or changed, counts of the health',
  description: [
    'Every message has an id to go on from; comments keep the connection alive. `event: segment`: SegmentChange.',
    '`event: detection-event`: a DetectionEvent, created or changed. `event: detection-event-replaced`: { id, by }: it became part of another.',
    '`event: health`: HealthCounts, at the start and when they change. `event: reset`: {}: some changes are no longer known, read the lists again.',
  ].join(' '),
  request: {
    query: z.strictObject({
      site: siteField,
      after: z
        .string()
        .regex(CHANGE_NUMBER)
        .optional()
        .openapi({ description: 'Where there is no Last-Event-ID: lastChange of the session' }),
    }),
    headers: z.object({
      'last-event-id': z.string().optional().openapi({ description: 'id of the last message' }),
    }),
  },
  responses: {
    200: {
      description: 'The stream',
      content: {
        'text/event-stream': {
          schema: z
            .union([
              segmentChangeSchema.openapi('SegmentChange'),
              healthCountsSchema.openapi('HealthCounts'),
            ])
            .describe('data of a message, as JSON'),
        },
      },
    },
    default: problemAnswer,
  },
});

/** What happens, seconds after it did. */
export function registerStream(app: Api, deps: ApiDeps): void {
  let open = 0;
  const countsFor = sharedCounts(deps);
  app.openapi(route, (c) => {
    const sites = narrow(c.var.sites, c.req.valid('query'));
    const isWhole = c.var.sites === null;
    if (!deps.changes) throw new NotOfferedError('stream', 'ask /api/events and /api/health again');
    if (open >= MAX_STREAMS) throw new TooManyRequestsError('streams', MAX_STREAMS);
    // Nobody would read, and nobody would end it.
    if (c.req.method === 'HEAD') return c.body(null, 200, { 'content-type': 'text/event-stream' });
    const lastEventId = c.req.header('last-event-id') ?? '';
    const asked = CHANGE_NUMBER.test(lastEventId) ? lastEventId : c.req.valid('query').after;
    const { requestId } = c.var;
    open++;
    const response = streamSSE(c, async (stream) => {
      try {
        const changes = deps.changes!;
        const from = asked === undefined ? await lastChangeOf(changes) : Number(asked);
        const countHealth = (): Promise<HealthCounts> => countsFor({ sites, isWhole });
        const follower = new Follower(stream, { ...deps, changes, countHealth }, sites);
        await follower.follow(from);
      } catch (error) {
        // The browser connects again from the last id it has.
        deps.onError(error, requestId);
      } finally {
        open--;
      }
    });
    response.headers.set('cache-control', 'no-store');
    response.headers.set('x-accel-buffering', 'no');
    return response;
  });
}

/** Number of the last of all changes. */
export async function lastChangeOf(changes: NonNullable<ApiDeps['changes']>): Promise<number> {
  return (await changes(Number.MAX_SAFE_INTEGER)).last;
}

/** Counts of the health, made once for all connections that ask for the same within a moment. */
function sharedCounts(
  deps: ApiDeps,
): (audience: Parameters<typeof healthCounts>[1]) => Promise<HealthCounts> {
  const known = new Map<string, { readonly untilMs: number; counts: Promise<HealthCounts> }>();
  return (audience) => {
    const nowMs = performance.now();
    const key = JSON.stringify(audience);
    const made = known.get(key);
    if (made && made.untilMs > nowMs) return made.counts;
    const counts = healthCounts(deps, audience);
    if (known.size >= MAX_STREAMS) known.clear();
    known.set(key, { untilMs: nowMs + POLL_MS, counts });
    return counts;
  };
}

type FollowDeps = ApiDeps & {
  readonly changes: NonNullable<ApiDeps['changes']>;
  readonly countHealth: () => Promise<HealthCounts>;
};

/** One connection: what it was sent, and how far it has come. */
class Follower {
  private readonly sent = new SentEvents();
  private counts = '';
  private at = 0;

  constructor(
    private readonly stream: SSEStreamingApi,
    private readonly deps: FollowDeps,
    private readonly sites: Sites,
  ) {}

  async follow(from: number): Promise<void> {
    this.at = from;
    const ended = new Promise<void>((resolve) => this.stream.onAbort(resolve));
    await this.stream.write(`retry: ${RETRY_MS}\n\n`);
    for (let poll = 0; !this.isOver(); poll++) {
      if (poll % HEALTH_EVERY_POLLS === 0) await this.sendHealth();
      await this.sendChanges();
      if (poll % HEARTBEAT_EVERY_POLLS === HEARTBEAT_EVERY_POLLS - 1) {
        await this.stream.write(': alive\n\n');
      }
      await Promise.race([this.stream.sleep(POLL_MS), ended]);
    }
  }

  /** Everything behind where it stands: a message has the number of the last change that is through. */
  private async sendChanges(): Promise<void> {
    for (;;) {
      const { changes, last, isComplete } = await this.deps.changes(this.at);
      if (!isComplete) {
        this.at = last;
        await this.send('reset', {});
        return;
      }
      if (changes.length === 0) return;
      await this.sendEvents(changes);
      for (const { number, segment } of changes) {
        this.at = number;
        if (this.sees(segment.camera ?? null, segment.segmentKey)) {
          await this.send('segment', segmentChangeSchema.parse(segment));
        }
      }
      await this.sendHealth();
      if (this.isOver()) return;
    }
  }

  /**
   * The events around what changed, those that are not as they were sent last: a later row also ends what was open,
   * or says that what stands there has stood there before.
   */
  private async sendEvents(changes: readonly Change[]): Promise<void> {
    for (const [camera, period] of periodsByCamera(changes)) {
      if (!isOfSites(this.sites, camera)) continue;
      const settings = await eventSettingsOf(camera, this.deps);
      if (!settings) continue;
      const { longestGapMs } = stayRuleOf(settings);
      const events = await readEvents(eventItemsOf(this.deps), camera, {
        settings,
        from: isoOf(Date.parse(period.from) - longestGapMs),
        to: isoOf(Date.parse(period.to) + longestGapMs),
      });
      for (const event of events) {
        const { isNews, replaced } = this.sent.note(event);
        for (const id of replaced)
          await this.send('detection-event-replaced', { id, by: event.id });
        if (isNews) await this.send('detection-event', shown(event));
      }
    }
  }

  private async sendHealth(): Promise<void> {
    const counts = await this.deps.countHealth();
    const text = JSON.stringify(counts);
    if (text === this.counts) return;
    this.counts = text;
    await this.send('health', counts);
  }

  private async send(event: string, data: object): Promise<void> {
    await this.stream.writeSSE({ event, data: JSON.stringify(data), id: String(this.at) });
  }

  private sees(camera: string | null, key: string): boolean {
    const { sites } = this;
    return sites === null || sites.includes(camera?.split('/')[0] ?? siteOfKey(key) ?? '');
  }

  private isOver(): boolean {
    return this.stream.aborted || this.stream.closed;
  }
}

/** The span of what changed of each camera. */
function periodsByCamera(changes: readonly Change[]): Map<string, EventPeriod> {
  const periods = new Map<string, EventPeriod>();
  for (const { segment, period } of changes) {
    if (!period || segment.camera === null) continue;
    const { from, to } = period;
    const known = periods.get(segment.camera);
    periods.set(segment.camera, {
      from: known && known.from < from ? known.from : from,
      to: known && known.to > to ? known.to : to,
    });
  }
  return periods;
}

function isoOf(ms: number): string {
  return new Date(ms).toISOString();
}
