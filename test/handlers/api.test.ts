import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { stitchEvents } from '../../core/events';
import { resolveCamera } from '../../core/fleet/resolve';
import { fleetSchema } from '../../core/fleet/schema';
import type { DetectionEvent } from '../../core/segment-result';
import { renderOpenApi } from '../../handlers/api/document';
import { cleanUpAfterEach } from '../adapters/embedded/data-folder';
import { itemAt, minute } from '../contracts/records';
import { apiWorld, BACK, DOOR, ITEMS, NEVER_LANDED, person, QUAY } from './api-world';

cleanUpAfterEach();

const PERIOD = `since=${minute(0)}&until=${minute(60)}`;
const eventsOf = (body: Record<string, unknown>): DetectionEvent[] =>
  body.events as DetectionEvent[];

describe('cameras', () => {
  it('are those of the fleet file and those with footage, by name, with tier and silence', async () => {
    const { json } = await apiWorld();
    const seen = { isKnown: true, lane: 'cpu', lastLandedAt: minute(5) };
    const crane = { camera: NEVER_LANDED, isKnown: true, tier: 'low', lane: 'cpu' };
    const back = { camera: BACK, ...seen, isKnown: false, tier: 'steady', silentSince: minute(5) };
    expect(await json('/api/cameras')).toEqual({
      cameras: [
        { ...crane, lastLandedAt: null, silentSince: null },
        { camera: QUAY, ...seen, tier: 'low', silentSince: minute(5) },
        back,
        { camera: DOOR, ...seen, tier: 'steady', silentSince: null },
      ],
      nextCursor: null,
    });
    expect(await json('/api/cameras?site=north-mall&limit=1')).toEqual({
      cameras: [back],
      nextCursor: expect.stringMatching(/^[\w-]+$/),
    });
  });

  it('come in pages, each once', async () => {
    const { json } = await apiWorld();
    const names: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const page = await json(`/api/cameras?limit=2${cursor && `&cursor=${cursor}`}`);
      names.push(...(page.cameras as { camera: string }[]).map(({ camera }) => camera));
      cursor = page.nextCursor as string | null;
    }
    expect(names).toEqual([NEVER_LANDED, QUAY, BACK, DOOR]);
  });

  it('have resolved settings, each with where it came from', async () => {
    const { json } = await apiWorld();
    const fleet = fleetSchema.parse({
      sites: { 'north-mall': { timezone: 'Australia/Melbourne', defaults: { tier: 'steady' } } },
      cameras: { [DOOR]: { minConfidence: 0.6 } },
    });
    const { settings } = resolveCamera(fleet, DOOR, minute(0));
    const camera = await json(`/api/cameras/${DOOR}?at=${minute(0)}`);
    expect(camera).toMatchObject({ camera: DOOR, at: minute(0), tier: 'steady', settings });
    expect(camera.origins).toMatchObject({
      tier: 'site defaults',
      sampleIntervalSeconds: 'tier steady',
      minConfidence: 'camera',
      quietGapSeconds: 'product',
    });
  });
});

describe('events', () => {
  it('are stitched over segments, by camera and start', async () => {
    const { json } = await apiWorld();
    const { events, nextCursor } = await json(`/api/events?${PERIOD}&zone=frame`);
    const rows = (events as DetectionEvent[]).map(({ camera, startedAt, endedAt }) => [
      camera,
      startedAt,
      endedAt,
    ]);
    const at = (index: number, seconds: number): string => minute(index + seconds / 60);
    expect([rows, nextCursor]).toEqual([
      [
        [QUAY, at(1, 10), at(1, 20)],
        [QUAY, at(2, 30), at(2, 35)],
        [DOOR, at(0, 5), at(0, 15)],
        [DOOR, at(1, 40), at(2, 20)],
      ],
      null,
    ]);
  });

  it('are whole records, without what is internal', async () => {
    const { json } = await apiWorld();
    const [event] = eventsOf(await json(`/api/events?${PERIOD}&camera=${DOOR}&zone=door`));
    expect(event).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{32}$/),
      camera: DOOR,
      className: 'person',
      zone: 'door',
      startedAt: minute(5 / 60),
      endedAt: minute(10 / 60),
      isStationary: false,
      isOpen: false,
      peakCount: 1,
      bestConfidence: 0.9,
      snapshotKey: null,
      segmentKeys: [itemAt(0).segmentKey],
    });
  });

  it('are filtered by period, class, zone, site', async () => {
    const { json } = await apiWorld();
    const count = async (query: string): Promise<number> =>
      eventsOf(await json(`/api/events?${query}`)).length;
    expect(await count(PERIOD)).toBe(5);
    expect(await count(`${PERIOD}&className=dog`)).toBe(0);
    expect(await count(`${PERIOD}&site=harbour`)).toBe(2);
    expect(await count(`since=${minute(2)}&until=${minute(2.25)}`)).toBe(1);
    expect(await count('')).toBe(5);
    expect(await count(`until=${minute(0)}`)).toBe(0);
  });

  it('come in pages of an opaque cursor, each once, though the clock goes on and rows arrive', async () => {
    const world = await apiWorld();
    const ids: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const page = await world.json(`/api/events?limit=2${cursor && `&cursor=${cursor}`}`);
      ids.push(...eventsOf(page).map(({ id }) => id));
      cursor = page.nextCursor as string | null;
      world.clock.advance(86_400);
    }
    expect([ids.length, new Set(ids).size]).toEqual([5, 5]);
  });

  it('answer to an id that they had before earlier rows came', async () => {
    const world = await apiWorld();
    const late = stitchEvents(
      [itemAt(2, { presences: [person(2, 0, 20)] })],
      resolveCamera(fleetSchema.parse({}), DOOR, minute(0)).settings,
    )[0]!;
    const whole = eventsOf(await world.json(`/api/events?${PERIOD}&camera=${DOOR}`)).find(
      ({ startedAt }) => startedAt === minute(1 + 40 / 60),
    )!;
    expect(late.id).not.toBe(whole.id);
    expect(await world.json(`/api/cameras/${DOOR}/events/${late.id}`)).toEqual(whole);
    expect(await world.json(`/api/cameras/${DOOR}/events/${whole.id}`)).toEqual(whole);
    const elsewhere = await world.get(`/api/cameras/${QUAY}/events/${whole.id}`);
    expect(elsewhere.status).toBe(404);
  });
});

describe('segments', () => {
  it('are listed without frames, by camera and start, in pages', async () => {
    const { json } = await apiWorld();
    const first = await json(`/api/segments?${PERIOD}&limit=6`);
    const rest = await json(`/api/segments?${PERIOD}&limit=6&cursor=${String(first.nextCursor)}`);
    expect(rest.nextCursor).toBeNull();
    const expected = ITEMS.toSorted(
      (a, b) => a.camera.localeCompare(b.camera) || a.startedAt.localeCompare(b.startedAt),
    ).map(({ frames: _, packetSummary: __, ...summary }) => summary);
    expect([...(first.segments as object[]), ...(rest.segments as object[])]).toEqual(expected);
  });

  it('that start together come each once, whatever the page', async () => {
    const world = await apiWorld();
    const twins = ['b', 'a', 'c'].map((objectVersion) => itemAt(0, { objectVersion }));
    await world.put(...twins);
    const versions: unknown[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const query = `since=${minute(0)}&until=${minute(1)}&camera=${DOOR}&limit=1`;
      const page = await world.json(`/api/segments?${query}${cursor && `&cursor=${cursor}`}`);
      versions.push(...(page.segments as { objectVersion: string }[]));
      cursor = page.nextCursor as string | null;
    }
    expect(versions.map((one) => (one as { objectVersion: string }).objectVersion)).toEqual([
      'a',
      'b',
      'c',
      'v1',
    ]);
  });

  it('are filtered by status, and one is shown whole', async () => {
    const { json, get } = await apiWorld();
    const { segments } = await json(`/api/segments?${PERIOD}&status=partial`);
    expect(segments).toMatchObject([{ startedAt: minute(3), partialReason: 'ended early' }]);
    expect(await json(`/api/segments/${itemAt(3).segmentKey}`)).toEqual({ ranges: [ITEMS[3]] });
    expect(await json(`/api/segments/frames?segmentKey=${itemAt(3).segmentKey}`)).toEqual({
      segmentKey: itemAt(3).segmentKey,
      startedAt: minute(3),
      model: ITEMS[3]!.model,
      tier: ITEMS[3]!.tier,
      frames: [{ atSeconds: 0, source: 'inferred', detections: [] }],
    });
    const absent = ['20261120T090000Z_60s.mp4', '20261399T000000Z_60s.mp4'];
    for (const name of absent) {
      expect((await get(`/api/segments/${DOOR}/${name}`)).status).toBe(404);
    }
  });
});

describe('usage and analytics', () => {
  it('tells dollars of the work, and of a camera-month by line', async () => {
    const { json } = await apiWorld();
    const usage = await json(`/api/usage?${PERIOD}`);
    const { workUsd, tiers, pricesAsOf, region } = usage as {
      workUsd: number;
      pricesAsOf: string;
      region: string;
      tiers: {
        tier: string;
        workUsd: number;
        cameraMonth: { totalUsd: number; lines: unknown[] };
      }[];
    };
    expect([pricesAsOf, region]).toEqual(['2026-09', 'us-east-1']);
    expect(tiers.map(({ tier }) => tier)).toEqual(['low', 'steady']);
    expect(tiers.map(({ cameraMonth }) => cameraMonth.lines.length)).toEqual([4, 4]);
    expect(workUsd).toBeCloseTo(tiers[0]!.workUsd + tiers[1]!.workUsd, 9);
    expect(tiers[0]).toMatchObject({ segments: 2, quietSegments: 0, footageSeconds: 120 });
  });

  it('answers every named query with the period it was asked for', async () => {
    const { json } = await apiWorld();
    expect(await json(`/api/analytics/quiet-share?${PERIOD}`)).toEqual({
      query: 'quiet-share',
      since: minute(0),
      until: minute(60),
      rows: [
        { tier: 'low', segments: 2, quietSegments: 0, quietRatio: 0 },
        { tier: 'steady', segments: 5, quietSegments: 2, quietRatio: 0.4 },
      ],
    });
    const rowsOf = async (query: string): Promise<unknown> =>
      (await json(`/api/analytics/${query}`)).rows;
    expect(await rowsOf(`busiest-cameras?${PERIOD}&limit=1`)).toEqual([
      { camera: DOOR, segments: 4, movingSeconds: 50 },
    ]);
    expect(await rowsOf(`activity-by-hour?${PERIOD}&site=harbour`)).toEqual([
      { hour: minute(0), className: 'person', presenceSeconds: 15, peakCount: 1 },
    ]);
    expect(await rowsOf(`lag-p95?${PERIOD}&camera=${QUAY}`)).toEqual([
      { tier: 'low', segments: 2, p95Seconds: 60 },
    ]);
    expect(await rowsOf(`cost-by-tier?${PERIOD}`)).toHaveLength(2);
  });
});

it('health tells queues, dead letters, quarantine, silence, model and versions', async () => {
  const { json } = await apiWorld();
  const letter = (camera: string) => ({
    queue: 'detect-cpu',
    id: expect.any(String),
    camera,
    segmentKey: itemAt(7, { camera }).segmentKey,
    cause: 'worker-crashed',
    deadAt: expect.any(String),
  });
  const rejection = (key: string) => ({
    key,
    code: 'unreadable-video',
    reason: 'no video',
    at: minute(9),
  });
  expect(await json('/api/health')).toEqual({
    queues: { 'detect-cpu': { waiting: 0, inFlight: 0, dead: 2, oldestSeconds: null } },
    deadLetters: { count: 2, latest: expect.arrayContaining([letter(DOOR), letter(QUAY)]) },
    quarantined: {
      count: 3,
      latest: expect.arrayContaining(
        [
          'north-mall/back/20261120T080000Z_60s.mp4',
          'harbour/quay/20261120T080000Z_60s.mp4',
          'holiday.avi',
        ].map(rejection),
      ),
    },
    silentCameras: [
      { camera: QUAY, since: minute(5) },
      { camera: BACK, since: minute(5) },
    ],
    model: {
      name: 'demo',
      version: '1',
      grade: 'demo',
      sha256: '0123',
      variant: 'int8',
      choice: [{ cpuFeatures: ['avx2'], variant: 'int8' }],
    },
    versions: { tierwatch: '0.1.0', node: '24', schema: '2' },
  });
});

describe('the OpenAPI document', () => {
  it('is what docs/openapi.json says, and what the api serves; `npm run docs` writes it anew', async () => {
    const written = readFileSync(join(__dirname, '../../docs/openapi.json'), 'utf8');
    expect(written).toBe(renderOpenApi());
    const { json } = await apiWorld();
    expect(await json('/api/openapi.json')).toEqual(JSON.parse(written));
  });

  it('describes every field of every query and path', () => {
    const { paths } = JSON.parse(renderOpenApi()) as {
      paths: Record<
        string,
        Record<string, { parameters?: { description?: string; name: string }[] }>
      >;
    };
    const routes = Object.values(paths).flatMap((methods) => Object.values(methods));
    const parameters = routes.flatMap((route) => route.parameters ?? []);
    expect(parameters.length).toBeGreaterThan(30);
    expect(parameters.filter(({ description }) => !description)).toEqual([]);
  });
});
