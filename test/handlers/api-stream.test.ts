import { describe, expect, it } from 'vitest';
import type { Change, ChangePage } from '../../core/changes';
import type { AllowedSites } from '../../handlers/api/deps';
import { SentEvents } from '../../handlers/api/sent-events';
import { cleanUpAfterEach } from '../adapters/embedded/data-folder';
import { itemAt, minute } from '../contracts/records';
import { type ApiWorld, apiWorld, DOOR, person, QUAY } from './api-world';

cleanUpAfterEach();

interface Message {
  readonly event: string;
  readonly id: string;
  readonly data: unknown;
}

/** A log that a test writes to. */
function changeLog(): { changes: (since: number) => Promise<ChangePage>; log: Change[] } {
  const log: Change[] = [];
  return {
    log,
    changes: async (since) => ({
      changes: log.filter(({ number }) => number > since),
      last: log.length,
      isComplete: since <= log.length,
    }),
  };
}

function changeOf(number: number, index: number, camera = DOOR): Change {
  const { segmentKey } = itemAt(index, { camera });
  const at = minute(index + 2);
  return {
    number,
    segment: { segmentKey, camera, status: 'done', at, lagSeconds: 60 },
    period: { from: minute(index), to: minute(index + 1) },
  };
}

/** Reads messages of a stream until `isEnough`, then leaves. */
async function read(
  { get }: ApiWorld,
  isEnough: (messages: readonly Message[]) => boolean,
  {
    lastId,
    after,
    allowed = 'all',
    onMessage = async () => {},
  }: {
    lastId?: string;
    after?: number;
    allowed?: AllowedSites;
    onMessage?: (messages: readonly Message[]) => Promise<void>;
  } = {},
): Promise<Message[]> {
  const headers: Record<string, string> = lastId === undefined ? {} : { 'last-event-id': lastId };
  const path = after === undefined ? '/api/stream' : `/api/stream?after=${after}`;
  const response = await get(path, allowed, { headers });
  expect(response.headers.get('content-type')).toBe('text/event-stream');
  expect(response.headers.get('cache-control')).toBe('no-store');
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  const messages: Message[] = [];
  let text = '';
  try {
    while (!isEnough(messages)) {
      const { done, value } = await reader.read();
      if (done) break;
      text += value;
      const parts = text.split('\n\n');
      text = parts.pop()!;
      messages.push(...parts.flatMap(messageOf));
      await onMessage(messages);
    }
  } finally {
    await reader.cancel();
  }
  return messages;
}

function messageOf(part: string): Message[] {
  const fields = Object.fromEntries(
    part.split('\n').map((line) => [line.split(': ', 1)[0], line.slice(line.indexOf(': ') + 2)]),
  ) as Record<string, string>;
  const { event, id, data } = fields;
  return event ? [{ event, id: id!, data: JSON.parse(data!) as unknown }] : [];
}

const has =
  (event: string, count = 1) =>
  (messages: readonly Message[]): boolean =>
    messages.filter((one) => one.event === event).length >= count;

describe('the stream', () => {
  it('begins with the health, then tells of what happens from now on', async () => {
    const { changes, log } = changeLog();
    log.push(changeOf(1, 0));
    const world = await apiWorld({ changes });
    let isNoted = false;
    const messages = await read(world, has('segment'), {
      onMessage: async () => {
        if (!isNoted) log.push(changeOf(2, 2));
        isNoted = true;
      },
    });
    expect(messages[0]).toEqual({
      event: 'health',
      id: '1',
      data: {
        queues: { 'detect-cpu': { waiting: 0, inFlight: 0, dead: 2 } },
        deadLetters: 2,
        quarantined: 3,
        silentCameras: 2,
      },
    });
    expect(messages.filter(({ event }) => event === 'segment')).toEqual([
      { event: 'segment', id: '2', data: log[1]!.segment },
    ]);
  });

  it('tells what happened between the session and its opening, and behind the last id after that', async () => {
    const { changes, log } = changeLog();
    log.push(changeOf(1, 0));
    const world = await apiWorld({ changes });
    const { lastChange } = await world.json('/api/session');
    expect(lastChange).toBe(1);
    log.push(changeOf(2, 1), changeOf(3, 2));
    const segmentIds = async (options: Parameters<typeof read>[2]): Promise<string[]> =>
      (await read(world, has('segment'), options))
        .filter(({ event }) => event === 'segment')
        .map(({ id }) => id);
    expect((await segmentIds({ after: 1 }))[0]).toBe('2');
    expect((await segmentIds({ after: 1, lastId: '2' }))[0]).toBe('3');
    expect((await world.get('/api/stream?after=x')).status).toBe(400);
  });

  it('goes on behind the last id: the events as the list has them, then the segments', async () => {
    const { changes, log } = changeLog();
    log.push(changeOf(1, 0), changeOf(2, 1), changeOf(3, 2));
    const world = await apiWorld({ changes });
    const messages = await read(world, has('segment', 2), { lastId: '1' });
    const events = messages.filter(({ event }) => event === 'detection-event');
    const listed = await world.json(
      `/api/events?camera=${DOOR}&since=${minute(0)}&until=${minute(60)}`,
    );
    expect(events.map(({ data }) => data)).toEqual(listed.events);
    // Cut off here, it would begin with the same changes again.
    expect(new Set(events.map(({ id }) => id))).toEqual(new Set(['1']));
    const segments = messages.filter(({ event }) => event === 'segment');
    expect(segments.map(({ id }) => id)).toEqual(['2', '3']);
  });

  it('sends an event again when it has changed, and what became part of another', async () => {
    const { changes, log } = changeLog();
    const late = itemAt(1, { camera: QUAY, presences: [person(1, 10, 60)], analysisId: 'late' });
    const world = await apiWorld({ changes });
    const store = world.deps.store as unknown as {
      putItem(item: typeof late): Promise<boolean>;
      setCurrent(item: typeof late, options: { onlyIfAbsent: boolean }): Promise<boolean>;
    };
    log.push(changeOf(1, 2, QUAY));
    let hasChanged = false;
    const messages = await read(world, has('segment', 2), {
      lastId: '0',
      onMessage: async (seen) => {
        if (hasChanged || !has('segment')(seen)) return;
        hasChanged = true;
        await store.putItem(late);
        await store.setCurrent(late, { onlyIfAbsent: false });
        const second = itemAt(2, { camera: QUAY, presences: [person(2, 5, 35)], analysisId: 'b' });
        await store.putItem(second);
        await store.setCurrent(second, { onlyIfAbsent: false });
        log.push(changeOf(2, 1, QUAY));
      },
    });
    const of = (event: string): unknown[] =>
      messages.filter((one) => one.event === event).map(({ data }) => data);
    const { events } = await world.json(
      `/api/events?camera=${QUAY}&since=${minute(0)}&until=${minute(60)}`,
    );
    const last = of('detection-event').at(-1) as { id: string };
    expect(events).toEqual([last]);
  });

  it('shows a caller the sites that it may see, and no queues', async () => {
    const { changes, log } = changeLog();
    log.push(changeOf(1, 0), changeOf(2, 1, QUAY));
    const world = await apiWorld({ changes });
    const messages = await read(world, has('segment'), { lastId: '0', allowed: ['harbour'] });
    expect(JSON.stringify(messages)).not.toMatch(/north-mall/);
    expect(messages.find(({ event }) => event === 'health')?.data).toEqual({
      queues: null,
      deadLetters: 1,
      quarantined: 1,
      silentCameras: 1,
    });
  });

  it('says so where some changes are no longer known', async () => {
    const { changes, log } = changeLog();
    log.push(changeOf(1, 0));
    const world = await apiWorld({ changes });
    const messages = await read(world, has('reset'), { lastId: '99' });
    expect(messages.at(-1)).toEqual({ event: 'reset', id: '1', data: {} });
  });

  it('is held open for a limited number, and given back', async () => {
    const { changes } = changeLog();
    const world = await apiWorld({ changes });
    for (let head = 0; head < 64; head++) {
      expect((await world.get('/api/stream', 'all', { method: 'HEAD' })).status).toBe(200);
    }
    const open = await Promise.all(Array.from({ length: 64 }, () => world.get('/api/stream')));
    expect((await world.get('/api/stream')).status).toBe(429);
    for (const { body } of open) await body!.cancel();
    await expect.poll(async () => (await world.get('/api/stream')).status).toBe(200);
  });
});

describe('what a connection was sent', () => {
  const event = {
    ...{ id: 'b', camera: DOOR, className: 'person', zone: 'frame', snapshotKey: null },
    ...{ startedAt: minute(0), endedAt: minute(1), isStationary: false, isOpen: true },
    ...{ peakCount: 1, bestConfidence: 0.9, segmentKeys: [], partIds: ['b'] },
  };

  it('comes again only when it is another', () => {
    const sent = new SentEvents();
    const notes = [event, event, { ...event, isOpen: false }].map((one) => sent.note(one).isNews);
    expect(notes).toEqual([true, false, true]);
  });

  it('is replaced by the event that it became part of, once', () => {
    const sent = new SentEvents();
    sent.note(event);
    const whole = { ...event, id: 'a', partIds: ['a', 'b'] };
    expect(sent.note(whole)).toEqual({ isNews: true, replaced: ['b'] });
    expect(sent.note(whole)).toEqual({ isNews: false, replaced: [] });
  });
});
