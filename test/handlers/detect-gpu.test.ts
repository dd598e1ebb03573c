import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EndpointAnalyser } from '../../adapters/gpu-endpoint/endpoint-analyser';
import { HttpEndpoint } from '../../adapters/gpu-endpoint/http-endpoint';
import { readBundle } from '../../adapters/onnx/bundle';
import { WorkerPool } from '../../adapters/worker/pool';
import { PoolAnalyser } from '../../adapters/worker/pool-analyser';
import { analyticsRowOf } from '../../core/analytics-row';
import { PRODUCT_ANALYSIS_DEFAULTS } from '../../core/camera-settings';
import { CircuitBreaker, HeldBreaker } from '../../core/circuit-breaker';
import { DEFAULT_LIMITS } from '../../core/limits';
import { queuedAnalytics } from '../../core/queued-analytics';
import { type SegmentMessage, segmentMessageSchema } from '../../core/segment-message';
import { createDetectCpu } from '../../handlers/detect-cpu';
import { createDetectGpu } from '../../handlers/detect-gpu';
import { type RunningServer, startServer } from '../endpoint/server-process';
import { makeWorld, remaining, sqsEvent } from './world';

const ROOT = join(__dirname, '../..');
const FILE = join(ROOT, 'demo/footage/harbour-depot/lobby/20261102T080000Z_60s.mp4');
const DEMO = readBundle(join(ROOT, 'model-build/default'));
const NONE = { batchItemFailures: [] };

function message(minute: number): SegmentMessage {
  const segmentKey = `site/cam/20261120T08${String(minute).padStart(2, '0')}00Z_60s.mp4`;
  return {
    segmentKey,
    objectKey: segmentKey,
    objectVersion: '1',
    range: '0-60000',
    analysisId: 'analysis',
    camera: 'site/cam',
    tier: 'high',
    lane: 'gpu',
    model: 'default',
    floorId: null,
    settings: {
      ...PRODUCT_ANALYSIS_DEFAULTS,
      classes: ['person', 'vehicle'],
      motionGate: false,
      packetGate: 'off',
    },
    attempt: 1,
  };
}

let pool: WorkerPool;
beforeAll(() => {
  pool = new WorkerPool({ size: 1, deadlineSeconds: 60 });
});
afterAll(() => pool.close());

/** Both lanes on ports in memory: the gpu lane asks `url`, the cpu lane works what spills. */
function lanes(
  url: () => string | null,
  {
    deadlineMs = 30_000,
    modelSha256 = DEMO.sha256,
    held = new HeldBreaker(),
    chance = (): number => 0,
  } = {},
) {
  const world = makeWorld();
  const shared = {
    ...world,
    alerts: world.store,
    floors: world.store,
    quarantine: world.store,
    analytics: queuedAnalytics(world.rows),
    queue: { send: async () => 1, release: async () => {} },
    neededMs: () => 0,
  };
  const pathOf = () => FILE;
  const gpu = createDetectGpu({
    ...shared,
    analyser: new EndpointAnalyser({
      endpoint: new HttpEndpoint(url),
      pool,
      pathOf,
      bundleOf: () => ({ ...DEMO, sha256: modelSha256 }),
      deadlineMs,
    }),
    cpuLane: world.cpu,
    breaker: new CircuitBreaker({
      store: held,
      nowMs: () => world.clock.now().getTime(),
      chance,
      freshMs: 0,
    }),
  });
  const modelFolderOf = () => join(ROOT, 'model-build/default');
  const cpu = createDetectCpu({
    ...shared,
    analyser: new PoolAnalyser(pool, { pathOf, modelFolderOf, limits: DEFAULT_LIMITS }),
  });
  const work = (...messages: readonly SegmentMessage[]) =>
    gpu(sqsEvent(...messages), remaining(100_000));
  /** The cpu lane until its queue is empty. @returns why each segment was spilled */
  const workSpilled = async (): Promise<(string | undefined)[]> => {
    const reasons: (string | undefined)[] = [];
    for (;;) {
      const taken = await world.cpu.receive({ max: 10, visibilitySeconds: 60 });
      if (taken.length === 0) return reasons;
      for (const { body, receiptHandle } of taken) {
        reasons.push(segmentMessageSchema.parse(body).spilledFor);
        expect(await cpu(sqsEvent(body), remaining(100_000))).toEqual(NONE);
        await world.cpu.acknowledge([receiptHandle]);
      }
    }
  };
  const items = () => Array.fromAsync(world.store.itemsOfCamera('site/cam', {}));
  return { ...world, work, workSpilled, items };
}

describe('the gpu lane', () => {
  let server: RunningServer;
  beforeAll(async () => {
    server = await startServer();
  });
  afterAll(() => {
    server.process.kill('SIGKILL');
  });

  it('makes the item that the cpu lane would make, with its share of the batches', async () => {
    const here = lanes(() => server.url);
    expect(await here.work(message(0))).toEqual(NONE);
    const there = lanes(() => null);
    await there.work(message(0));
    expect(await there.workSpilled()).toEqual(['starting']);
    const [[gpu], [cpu]] = [await here.items(), await there.items()];
    const pure = ({ usage: _, lane: __, analysedAt: ___, ...item }: NonNullable<typeof gpu>) =>
      item;
    expect(pure(gpu!)).toEqual(pure(cpu!));
    expect([gpu!.lane, cpu!.lane]).toEqual(['gpu', 'cpu']);
    expect(gpu!.usage.gpuMs).toBeGreaterThan(0);
    expect(cpu!.usage.gpuMs).toBe(0);
    // It waits at least as long as the server infers for it; the cpu lane waits for nobody.
    expect(gpu!.usage.waitSeconds).toBeGreaterThan(gpu!.usage.gpuMs / 1000);
    expect(cpu!.usage).not.toHaveProperty('waitSeconds');
    const [delivery] = await here.rows.receive({ max: 1, visibilitySeconds: 30 });
    const { waitSeconds: waited, ...usage } = gpu!.usage;
    const { workUsd: without } = analyticsRowOf({ ...gpu!, usage }).fields;
    expect(delivery!.body[0]!.fields.workUsd).toBeCloseTo(without! + waited! * 1.33334e-5, 12);
    expect(gpu!.presences[0]!.snapshotKey).toBe(cpu!.presences[0]!.snapshotKey);
    const key = gpu!.presences[0]!.snapshotKey!;
    expect(await here.snapshots.get(key)).toEqual(await there.snapshots.get(key));
  });

  it('leaves a tier of another model to the cpu lane: its analysis would be under a wrong name', async () => {
    const world = lanes(() => server.url, { modelSha256: '0'.repeat(64) });
    await world.work(message(0));
    expect(await world.workSpilled()).toEqual(['other-model']);
  });

  it('loses nothing while the endpoint is cold for six minutes, and takes its traffic back by and by', async () => {
    let url: string | null = null;
    let drawn = 0;
    // Ten draws that are spread evenly: the share of them that is let through is the breaker's own.
    const chance = () => ((drawn++ * 3) % 10) / 10;
    // Longer than a busy machine takes: which segments the endpoint works must not depend on its speed.
    const world = lanes(() => url, { chance, deadlineMs: 120_000 });
    const lanesOf: string[] = [];
    for (let minute = 0; minute < 52; minute++) {
      if (minute === 6) ({ url } = server);
      const before = (await world.items()).length;
      expect(await world.work(message(minute))).toEqual(NONE);
      await world.workSpilled();
      const items = await world.items();
      expect(items).toHaveLength(before + 1);
      lanesOf.push(items.at(-1)!.lane);
      world.clock.advance(60);
    }
    const items = await world.items();
    expect(new Set(items.map(({ segmentKey }) => segmentKey)).size).toBe(52);
    expect(items.every(({ status }) => status === 'done')).toBe(true);
    const spilled = lanesOf.filter((lane) => lane === 'cpu').length;
    expect(world.telemetry.counted).toMatchObject({ spilled, segments: 52 });
    const minutesOnGpu = [...lanesOf.keys()].filter((minute) => lanesOf[minute] === 'gpu');
    // A probe, a tenth, a fifth, two and four fifths of the traffic, each for three successes; then all.
    expect(minutesOnGpu).toEqual([
      7,
      ...[10, 20],
      ...[27, 30, 37],
      ...[40, 41, 44],
      ...[45, 47, 48],
      ...[49, 50, 51],
    ]);
  }, 300_000);

  it('loses nothing and does nothing twice when the server is killed in the middle, and returns to it', async () => {
    let url: string | null = server.url;
    const world = lanes(() => url);
    const victim = await startServer();
    url = victim.url;
    const under = world.work(message(1), message(2), message(3));
    victim.process.kill('SIGKILL');
    expect(await under).toEqual(NONE);
    await world.work(message(4));
    const reasons = await world.workSpilled();
    expect(reasons).toEqual(['failed', 'failed', 'failed', 'breaker-open']);
    expect(world.telemetry.counted).toMatchObject({ spilled: 4, segments: 4 });
    url = server.url;
    await world.work(message(5));
    expect(await world.workSpilled()).toEqual(['breaker-open']);
    world.clock.advance(20_000);
    await world.work(message(6));
    expect(await world.workSpilled()).toEqual([]);
    const items = await world.items();
    expect(items.map(({ lane }) => lane)).toEqual(['cpu', 'cpu', 'cpu', 'cpu', 'cpu', 'gpu']);
    expect(new Set(items.map(({ segmentKey }) => segmentKey)).size).toBe(6);
  });
});

describe('an endpoint that is ill', () => {
  let answering: (path: string) => { status: number; body: string; hangs?: boolean; cut?: boolean };
  let url: string;
  let server: Server;
  beforeAll(async () => {
    server = createServer((request, response) => {
      request.resume();
      request.on('end', () => {
        const { status, body, hangs, cut } = answering(request.url!);
        if (hangs) return;
        response.writeHead(status, {
          'content-type': 'application/json',
          'content-length': body.length,
        });
        if (cut) {
          response.write(body.slice(0, body.length / 2));
          response.destroy();
        } else response.end(body);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  it.each([
    ['garbage', { status: 200, body: '<html>' }, 'garbled'],
    ['200 of another form', { status: 200, body: '{"schemaVersion":1}' }, 'garbled'],
    ['half a body', { status: 200, body: '{"schemaVersion":1}', cut: true }, 'failed'],
    ['no answer', { status: 200, body: '', hangs: true }, 'slow'],
    ['429', { status: 429, body: 'slow down' }, 'throttled'],
    ['503', { status: 503, body: '{"code":"endpoint-busy","reason":"full"}' }, 'busy'],
    ['413', { status: 413, body: '{"code":"endpoint-request","reason":"large"}' }, 'too-large'],
    ['500', { status: 500, body: 'oops' }, 'failed'],
  ])(
    'that answers with %s spills the segment, counted and explained',
    async (_, answer, reason) => {
      answering = () => answer;
      const world = lanes(() => url, { deadlineMs: 500 });
      expect(await world.work(message(0))).toEqual(NONE);
      expect(await world.workSpilled()).toEqual([reason]);
      expect(await world.items()).toMatchObject([{ lane: 'cpu', status: 'done' }]);
      expect(world.telemetry.counted).toMatchObject({ spilled: 1 });
      const [line] = world.telemetry.logged;
      expect(line).toMatchObject({ message: 'spilled to the cpu lane', fields: { reason } });
    },
  );

  it.each(['read', 'write'] as const)(
    'spills its segment even where the breaker’s state fails at its %s',
    async (failing) => {
      answering = () => ({ status: 500, body: 'oops' });
      const held = new HeldBreaker();
      const refuse = () => Promise.reject(new Error('throttled'));
      Object.assign(held, { [failing]: refuse });
      const world = lanes(() => url, { held });
      expect(await world.work(message(0))).toEqual(NONE);
      expect(await world.workSpilled()).toEqual(['failed']);
    },
  );

  it('that refuses footage for what it is quarantines it: no lane could work it', async () => {
    answering = () => ({ status: 422, body: '{"code":"unreadable-video","reason":"no video"}' });
    const world = lanes(() => url);
    expect(await world.work(message(0))).toEqual(NONE);
    expect(await world.workSpilled()).toEqual([]);
    expect(await world.store.rejections()).toMatchObject([
      { key: message(0).objectKey, code: 'unreadable-video', reason: 'no video' },
    ]);
  });
});
