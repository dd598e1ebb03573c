import { setTimeout as pause } from 'node:timers/promises';
import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { beforeAll, expect, inject, it, vi } from 'vitest';
import { DynamoAlerts } from '../../../adapters/aws/dynamo-alerts';
import { DynamoStore } from '../../../adapters/aws/dynamo-store';
import { SqsQueue } from '../../../adapters/aws/sqs-queue';
import type { AnalyticsRow } from '../../../core/ports';
import { LOBBY_BYTES, type MadeRoad, makeRoad, openFunctions, publishFleet } from './road';
import type { MadeQueue } from './world';

/**
 * What befalls one call: it fails whatever the SDK tries; it is done and its answer lost once, so that the SDK does it again;
 * it is done, and the last that its process ever does; it is throttled once, which makes the SDK slower from then on.
 */
const FAULTS = ['refused', 'timed out', 'dead after it', 'throttled'] as const;
type Fault = (typeof FAULTS)[number];

/** The call at which the function fails; clients that drive it are made before. */
const plan = vi.hoisted(() => ({
  isFaulty: false,
  calls: 0,
  at: -1,
  fault: 'refused' as string,
  isDead: false,
  /** Faults that were made. */
  made: 0,
}));
/** Two functions that make each call of theirs at the same time. */
const pair = vi.hoisted(() => ({
  running: 0,
  waiting: null as (() => void) | null,
  met: 0,
  async meet(): Promise<void> {
    if (this.running < 2) return;
    const other = this.waiting;
    if (!other) {
      await new Promise<void>((resolve) => {
        this.waiting = resolve;
      });
      return;
    }
    this.met++;
    this.waiting = null;
    other();
  },
  /** Who is still at work waits for nobody any more. */
  leave(): void {
    this.running--;
    this.waiting?.();
    this.waiting = null;
  },
}));
vi.mock('../../../adapters/aws/clients', async (importOriginal) => {
  const original = await importOriginal<typeof import('../../../adapters/aws/clients')>();
  type Next = (given: unknown) => Promise<unknown>;
  const failure = (name: string) => {
    plan.made++;
    return Object.assign(new Error('made to fail'), { name });
  };
  /** Calls that are to fail once below the SDK's retries. */
  const once = new WeakSet<object>();
  const call = (next: Next, context: object) => async (given: unknown) => {
    const isIt = plan.calls++ === plan.at;
    if (plan.isDead || (isIt && plan.fault === 'refused')) throw failure('InternalServerError');
    if (isIt) once.add(context);
    await pair.meet();
    // Whatever it is answered: that nothing is new comes as an error too.
    const [answer] = await Promise.allSettled([next(given)]);
    plan.isDead ||= isIt && plan.fault === 'dead after it';
    if (plan.isDead) throw failure('InternalServerError');
    if (answer.status === 'rejected') throw answer.reason;
    return answer.value;
  };
  const attempt = (next: Next, context: object) => async (given: unknown) => {
    if (!once.delete(context) || plan.fault === 'dead after it') return next(given);
    if (plan.fault === 'throttled') throw failure('ThrottlingException');
    await next(given).catch(() => {});
    throw failure('TimeoutError');
  };
  return {
    ...original,
    createClients: (options: Parameters<typeof original.createClients>[0]) => {
      const clients = original.createClients(options);
      for (const client of plan.isFaulty ? Object.values(clients) : []) {
        client.middlewareStack.add(call as never, { step: 'initialize', priority: 'low' });
        client.middlewareStack.add(attempt as never, { step: 'finalizeRequest', priority: 'low' });
      }
      return clients;
    },
  };
});

const FLEET = `
defaults:
  tier: steady
  classes: [person, vehicle]
  alertMaxAgeMinutes: 5256000
  alerts: [{ name: any, classes: [person], notify: ops }]
notify: { ops: { stdout: true } }
`;

let road: MadeRoad;
let functions: Awaited<ReturnType<typeof openFunctions>>;
beforeAll(async () => {
  road = await makeRoad(inject('motoEndpoint'));
  await publishFleet(road.clients, road.configBucket, FLEET);
  plan.isFaulty = true;
  functions = await openFunctions(road);
  await functions.route.poll();
});

/** Lands the same footage of another camera and polls until nothing is left, as Lambda would. */
async function work(name: string, at: number, fault: Fault): Promise<number> {
  const { clients, footageBucket } = road;
  const Key = `depot/${name}/20261102T080000Z_60s.mp4`;
  await clients.s3.send(new PutObjectCommand({ Bucket: footageBucket, Key, Body: LOBBY_BYTES }));
  Object.assign(plan, { calls: 0, made: 0, at, fault });
  const queues = [road.landed, road.cpu].map((queue) => new SqsQueue(clients.sqs, queue));
  // Counts are approximate: a delivery that just comes back may be in neither, so two looks must agree.
  for (let empty = 0; empty < 2; ) {
    let taken = 0;
    for (const one of [functions.route, functions.detectCpu]) {
      taken += await one.poll();
      // Another process takes the next batch.
      plan.isDead = false;
    }
    const counts = await Promise.all(queues.map((queue) => queue.counts()));
    const left = counts.reduce((sum, { waiting, inFlight }) => sum + waiting + inFlight, 0);
    expect(counts.map(({ dead }) => dead)).toEqual([0, 0]);
    empty = left === 0 ? empty + 1 : 0;
    if (left > 0 && taken === 0) await pause(100);
  }
  plan.at = -1;
  const { calls } = plan;
  await sendPending();
  return calls;
}

/** The scheduled function three minutes later: it sends what could not be handed over. */
async function sendPending(): Promise<void> {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 180_000 });
  await functions.alerts();
  vi.useRealTimers();
}

/** Everything that a segment leaves behind, without what names the camera or the moment. */
async function leftBy(name: string): Promise<unknown> {
  const { clients, table, snapshotsBucket } = road;
  const camera = `depot/${name}`;
  const store = new DynamoStore(table, { quietDays: 32, evidenceDays: 60 });
  const items = await Array.fromAsync(store.itemsOfCamera(camera, {}));
  const alerts = await new DynamoAlerts(table, clients.dynamo).alertsOfCamera(camera);
  const snapshots = items.flatMap(({ presences }) =>
    presences.map(async ({ snapshotKey }) => {
      const command = new GetObjectCommand({ Bucket: snapshotsBucket, Key: snapshotKey! });
      return (await clients.s3.send(command)).ContentLength;
    }),
  );
  return {
    items: items.map(({ frames, presences, status, range }) => ({
      frames,
      status,
      range,
      seen: presences.map(({ className, moving }) => ({ className, moving })),
    })),
    alerts: alerts.map(({ rule, status, at }) => ({ rule, status, at })),
    snapshots: await Promise.all(snapshots),
  };
}

/** Ids by camera of what arrived in a queue. */
async function received(take: () => Promise<readonly { id: string; camera: string }[]>) {
  const ids = new Map<string, Set<string>>();
  for (;;) {
    const taken = await take();
    if (taken.length === 0) return ids;
    for (const { id, camera } of taken) {
      ids.set(camera, (ids.get(camera) ?? new Set()).add(id));
    }
  }
}

const sentAlerts = () =>
  received(async () => {
    const queue = new SqsQueue<{ Message: string }>(road.clients.sqs, road.topic.queue);
    const taken = await queue.receive({ max: 10, visibilitySeconds: 60 });
    return taken.map(({ body }) => JSON.parse(body.Message) as { id: string; camera: string });
  });
const queuedRows = () =>
  received(async () => {
    const queue = new SqsQueue<AnalyticsRow[]>(road.clients.sqs, road.analytics);
    const taken = await queue.receive({ max: 10, visibilitySeconds: 60 });
    return taken.flatMap(({ body }) =>
      body.map(({ camera, segmentKey, currentAt }) => ({
        camera,
        id: `${segmentKey} ${currentAt}`,
      })),
    );
  });

/** Two functions take the same message, the second once the first has it, and make their calls in step. */
async function workedAtOnce(
  made: MadeQueue,
  sources: readonly { poll(): Promise<number> }[],
): Promise<void> {
  const queue = new SqsQueue<unknown>(road.clients.sqs, made);
  const [message, ...others] = await queue.receive({ max: 10, visibilitySeconds: 60 });
  await queue.acknowledge([message!, ...others].map(({ receiptHandle }) => receiptHandle));
  pair.running = sources.length;
  const polls: Promise<number>[] = [];
  for (const [index, source] of sources.entries()) {
    await queue.send([{ body: message!.body }]);
    polls.push(source.poll().finally(() => pair.leave()));
    await vi.waitUntil(async () => (await queue.counts()).inFlight > index, { timeout: 60_000 });
  }
  expect(await Promise.all(polls)).toEqual([1, 1]);
  const { waiting, inFlight, dead } = await queue.counts();
  expect([waiting, inFlight, dead]).toEqual([0, 0, 0]);
}

it('leaves the rows of an undisturbed run where two functions work one segment in step, call by call', async () => {
  await work('alone', -1, 'refused');
  vi.resetModules();
  const others = await openFunctions(road);
  const { clients, footageBucket } = road;
  const Key = 'depot/together/20261102T080000Z_60s.mp4';
  await clients.s3.send(new PutObjectCommand({ Bucket: footageBucket, Key, Body: LOBBY_BYTES }));
  await workedAtOnce(road.landed, [functions.route, others.route]);
  await workedAtOnce(road.cpu, [functions.detectCpu, others.detectCpu]);
  expect(pair.met).toBeGreaterThan(15);
  expect(await leftBy('together')).toEqual(await leftBy('alone'));
  // Each may tell of it: by one id, and by the row of the one item.
  const told = [await sentAlerts(), await queuedRows()].map((ids) => ids.get('depot/together'));
  expect(told.map((ids) => ids?.size)).toEqual([1, 1]);
}, 300_000);

it('leaves the rows of an undisturbed run, whichever call of the road fails or is the last of its process', async () => {
  // The first reads the fleet too, which no later one does.
  await work('first', -1, 'refused');
  const calls = await work('undisturbed', -1, 'refused');
  const expected = await leftBy('undisturbed');
  expect(expected).toMatchObject({ items: [{ status: 'done' }], alerts: [{ status: 'sent' }] });
  expect(calls).toBeGreaterThan(15);
  const cameras: string[] = [];
  const different: unknown[] = [];
  for (const fault of FAULTS) {
    for (let at = 0; at < calls; at++) {
      const name = `${fault.replaceAll(' ', '-')}-${at}`;
      cameras.push(`depot/${name}`);
      await work(name, at, fault);
      expect([name, plan.made > 0]).toEqual([name, true]);
      const found = await leftBy(name);
      if (JSON.stringify(found) !== JSON.stringify(expected)) {
        different.push({ name, ...(found as object), items: 'as found' });
      }
    }
  }
  expect(different).toEqual([]);
  const alerts = await sentAlerts();
  const rows = await queuedRows();
  const kept = new Set(
    (await road.detections.landed()).map((line) => (line as { camera: string }).camera),
  );
  expect(cameras.filter((camera) => !kept.has(camera))).toEqual([]);
  // None lost, and none under two ids: what is repeated can be told by its id.
  expect(
    cameras.map((camera) => [camera, alerts.get(camera)?.size, rows.get(camera)?.size]),
  ).toEqual(cameras.map((camera) => [camera, 1, 1]));
  console.log(
    `shown: the fault walk: ${cameras.length} points, each of ${calls} calls ${FAULTS.join(', ')}: ${different.length} differences`,
  );
}, 1_200_000);
