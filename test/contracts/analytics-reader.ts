import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AnalyticsQueryName, AnalyticsScope } from '../../core/analytics-queries';
import type { AnalyticsReader, AnalyticsRow, AnalyticsStore } from '../../core/ports';

export interface AnalyticsUnderTest {
  readonly store: Pick<AnalyticsStore, 'write'>;
  readonly reader: AnalyticsReader;
  close(): void | Promise<void>;
}

const START_MS = Date.parse('2026-11-20T08:00:00.000Z');
const at = (minutes: number): string => new Date(START_MS + minutes * 60_000).toISOString();

interface RowFacts {
  readonly camera: string;
  readonly minute: number;
  readonly tier?: string;
  readonly fields?: Readonly<Record<string, number>>;
}

/** A whole row of 60 s of footage: 6 CPU seconds, 2 s late, 0.00002 dollars, nothing moving. */
function rowOf({ camera, minute, tier = 'low', fields = {} }: RowFacts): AnalyticsRow {
  return {
    at: at(minute),
    site: camera.split('/')[0]!,
    camera,
    tier,
    lane: 'cpu',
    model: 'demo-0123',
    segmentKey: `${camera}/${at(minute).replace(/[-:]|\.000/g, '')}_60s.mp4`,
    range: '0-60000',
    fields: {
      movingSeconds: 0,
      framesSampled: 12,
      framesDecoded: 12,
      framesInferred: 1,
      footageSeconds: 60,
      cpuSeconds: 6,
      gpuMs: 0,
      bytesRead: 1_000_000,
      rowsWritten: 2,
      snapshotsWritten: 0,
      snapshotBytes: 0,
      workUsd: 0.00002,
      lagSeconds: 2,
      ...fields,
    },
  };
}

const DOOR = 'north-mall/entrance';
const BACK = 'north-mall/back';
const QUAY = 'harbour/quay';
const CAMERAS = [DOOR, BACK, QUAY];

/** Two sites, three cameras, two tiers; two hours. */
const ROWS: readonly AnalyticsRow[] = [
  ...Array.from({ length: 20 }, (_, minute) =>
    rowOf({ camera: DOOR, minute, fields: { lagSeconds: minute + 0.5 } }),
  ),
  rowOf({
    camera: DOOR,
    minute: 60,
    fields: {
      movingSeconds: 12.5,
      'presenceSeconds.person': 12.5,
      'peakCount.person': 3,
      'presenceSeconds.car': 60,
      'peakCount.car': 1,
      snapshotsWritten: 2,
      snapshotBytes: 4000,
      workUsd: 0.00003,
      lagSeconds: 40,
    },
  }),
  rowOf({
    camera: BACK,
    minute: 5,
    fields: { movingSeconds: 7.25, 'presenceSeconds.person': 7.25, 'peakCount.person': 1 },
  }),
  rowOf({
    camera: BACK,
    minute: 59,
    fields: { movingSeconds: 5.25, 'presenceSeconds.person': 5.25, 'peakCount.person': 2 },
  }),
  rowOf({
    camera: QUAY,
    minute: 30,
    tier: 'steady',
    fields: { movingSeconds: 60, 'presenceSeconds.truck': 60, 'peakCount.truck': 4, cpuSeconds: 9 },
  }),
  rowOf({
    camera: QUAY,
    minute: 31,
    tier: 'steady',
    fields: { 'presenceSeconds.truck': 60, 'peakCount.truck': 4 },
  }),
];

const ALL: AnalyticsScope = { sites: null, cameras: null, from: at(0), to: at(120), limit: 10 };

/** What every reader of the time series must answer, to the last digit. */
export function analyticsReaderContract(
  name: string,
  make: () => AnalyticsUnderTest | Promise<AnalyticsUnderTest>,
): void {
  describe(`analytics reader contract: ${name}`, () => {
    let made: AnalyticsUnderTest;
    beforeEach(async () => {
      made = await make();
      await made.store.write(ROWS);
    });
    afterEach(async () => made.close());

    const ask = <Name extends AnalyticsQueryName>(
      query: Name,
      change: Partial<AnalyticsScope> = {},
    ) => made.reader.ask(query, { ...ALL, ...change });
    const askAll = async (change: Partial<AnalyticsScope> = {}): Promise<unknown> => ({
      activity: await ask('activity-by-hour', change),
      cost: await ask('cost-by-tier', change),
      lag: await ask('lag-p95', change),
      busiest: await ask('busiest-cameras', change),
      quiet: await ask('quiet-share', change),
      work: await ask('work-by-camera', { cameras: CAMERAS, ...change }),
    });

    it('counts a range that was analysed again under another tier and model once: the last', async () => {
      const [first, ...rest] = ROWS;
      const again = { ...first!, tier: 'steady', model: 'next-4567' };
      const later = { ...again, currentAt: '2026-11-20T12:00:00.000Z', hasEarlier: true as const };
      await made.store.write([later]);
      const found = await askAll();
      await made.close();
      made = await make();
      await made.store.write([again, ...rest]);
      expect(found).toEqual(await askAll());
    });

    it('sums presence by clock hour and class, with the peak', async () => {
      expect(await ask('activity-by-hour')).toEqual([
        hour(8, 'person', 12.5, 2),
        hour(8, 'truck', 120, 4),
        hour(9, 'car', 60, 1),
        hour(9, 'person', 12.5, 3),
      ]);
    });

    it('sums the work and its dollars by tier', async () => {
      expect(await ask('cost-by-tier')).toEqual([
        {
          tier: 'low',
          segments: 23,
          quietSegments: 20,
          footageSeconds: 1380,
          cpuSeconds: 138,
          bytesRead: 23_000_000,
          rowsWritten: 46,
          snapshotsWritten: 2,
          snapshotBytes: 4000,
          workUsd: 0.00047,
          usdPerCameraMonth: 0.895043478,
        },
        {
          tier: 'steady',
          segments: 2,
          quietSegments: 1,
          footageSeconds: 120,
          cpuSeconds: 15,
          bytesRead: 2_000_000,
          rowsWritten: 4,
          snapshotsWritten: 0,
          snapshotBytes: 0,
          workUsd: 0.00004,
          usdPerCameraMonth: 0.876,
        },
      ]);
    });

    it('finds the lag at rank ⌈0.95 n⌉: the 22nd of 23, the 2nd of 2', async () => {
      expect(await ask('lag-p95')).toEqual([
        { tier: 'low', segments: 23, p95Seconds: 19.5 },
        { tier: 'steady', segments: 2, p95Seconds: 2 },
      ]);
    });

    it.each([
      [1, 0.5],
      [10, 9.5],
      [11, 10.5],
      [19, 18.5],
      [20, 18.5],
    ])('of %i lags finds %d s', async (to, p95Seconds) => {
      expect(await ask('lag-p95', { cameras: [DOOR], to: at(to) })).toEqual([
        { tier: 'low', segments: to, p95Seconds },
      ]);
    });

    it('ranks cameras by seconds with something moving; equal ones by name; quiet ones are none', async () => {
      expect(await ask('busiest-cameras')).toEqual([
        { camera: QUAY, segments: 2, movingSeconds: 60 },
        { camera: BACK, segments: 2, movingSeconds: 12.5 },
        { camera: DOOR, segments: 21, movingSeconds: 12.5 },
      ]);
      expect(await ask('busiest-cameras', { limit: 2 })).toEqual([
        { camera: QUAY, segments: 2, movingSeconds: 60 },
        { camera: BACK, segments: 2, movingSeconds: 12.5 },
      ]);
      expect(await ask('busiest-cameras', { cameras: [DOOR], to: at(60) })).toEqual([]);
    });

    it('shares out quiet segments by tier; a parked truck is quiet', async () => {
      expect(await ask('quiet-share')).toEqual([
        { tier: 'low', segments: 23, quietSegments: 20, quietRatio: 20 / 23 },
        { tier: 'steady', segments: 2, quietSegments: 1, quietRatio: 0.5 },
      ]);
      expect(await ask('quiet-share', { cameras: [BACK] })).toEqual([
        { tier: 'low', segments: 2, quietSegments: 0, quietRatio: 0 },
      ]);
    });

    it('sums the work of the cameras that are named, by tier: all of them in one question', async () => {
      await made.store.write([rowOf({ camera: BACK, minute: 90, tier: 'steady' })]);
      expect(await ask('work-by-camera', { cameras: [DOOR, 'harbour/none', BACK] })).toEqual([
        work(BACK, 'low', { segments: 2, quietSegments: 0, movingSeconds: 12.5 }),
        work(BACK, 'steady', { segments: 1, quietSegments: 1, movingSeconds: 0 }),
        {
          ...work(DOOR, 'low', { segments: 21, quietSegments: 20, movingSeconds: 12.5 }),
          snapshotsWritten: 2,
          snapshotBytes: 4000,
          workUsd: 0.00043,
        },
      ]);
      expect(await ask('work-by-camera', { cameras: [QUAY, BACK], sites: ['harbour'] })).toEqual([
        {
          ...work(QUAY, 'steady', { segments: 2, quietSegments: 1, movingSeconds: 60 }),
          cpuSeconds: 15,
        },
      ]);
      expect(await ask('work-by-camera', { cameras: [] })).toEqual([]);
      expect(await ask('quiet-share', { cameras: [BACK, QUAY] })).toEqual([
        { tier: 'low', segments: 2, quietSegments: 0, quietRatio: 0 },
        { tier: 'steady', segments: 3, quietSegments: 2, quietRatio: 2 / 3 },
      ]);
    });

    it('selects by from <= start < to', async () => {
      expect(await ask('quiet-share', { from: at(5), to: at(30) })).toEqual([
        { tier: 'low', segments: 16, quietSegments: 15, quietRatio: 15 / 16 },
      ]);
      expect(await ask('quiet-share', { from: at(30), to: at(30.001) })).toEqual([
        { tier: 'steady', segments: 1, quietSegments: 0, quietRatio: 0 },
      ]);
    });

    it('selects by sites and by camera; both must hold', async () => {
      const steady = { tier: 'steady', segments: 2, quietSegments: 1, quietRatio: 0.5 };
      expect(await ask('quiet-share', { sites: ['harbour'] })).toEqual([steady]);
      expect(await ask('quiet-share', { sites: ['harbour', 'north-mall'] })).toEqual(
        await ask('quiet-share'),
      );
      expect(await ask('quiet-share', { sites: ['harbour'], cameras: [QUAY] })).toEqual([steady]);
      expect(await ask('quiet-share', { sites: ['harbour'], cameras: [DOOR] })).toEqual([]);
      const nothing = { activity: [], cost: [], lag: [], busiest: [], quiet: [], work: [] };
      expect(await askAll({ sites: [] })).toEqual(nothing);
      expect(await askAll({ sites: ['north'] })).toEqual(nothing);
      expect(await askAll({ from: at(120), to: at(240) })).toEqual(nothing);
    });

    it('counts rows that come late and out of order like any other', async () => {
      const fresh = await make();
      for (const row of ROWS.toReversed()) await fresh.store.write([row]);
      const late = { ...made };
      made = fresh;
      const answers = await askAll();
      made = late;
      expect(answers).toEqual(await askAll());
      await fresh.close();
    });

    it('counts a row that was written again once, as it was written last', async () => {
      const before = await askAll();
      await made.store.write(ROWS);
      await made.store.write([ROWS[3]!, ROWS[3]!, ROWS[20]!]);
      expect(await askAll()).toEqual(before);
      const { fields } = ROWS[0]!;
      await made.store.write([
        { ...ROWS[0]!, fields: { ...fields, cpuSeconds: 7, lagSeconds: 100 } },
      ]);
      const [low] = await ask('cost-by-tier', { cameras: [DOOR] });
      expect([low!.segments, low!.cpuSeconds]).toEqual([21, 127]);
      expect(await ask('lag-p95', { cameras: [DOOR], to: at(2) })).toEqual([
        { tier: 'low', segments: 2, p95Seconds: 100 },
      ]);
    });

    it('counts two ranges of one recording apart, and two recordings that start together', async () => {
      const [first] = ROWS;
      await made.store.write([
        { ...first!, at: at(0.5), range: '30000-60000' },
        { ...first!, segmentKey: first!.segmentKey.replace('.mp4', '.ts') },
      ]);
      expect(await ask('quiet-share', { cameras: [DOOR], to: at(1) })).toEqual([
        { tier: 'low', segments: 3, quietSegments: 3, quietRatio: 1 },
      ]);
    });
  });
}

function hour(clock: number, className: string, presenceSeconds: number, peakCount: number) {
  return {
    hour: `2026-11-20T${String(clock).padStart(2, '0')}:00:00.000Z`,
    className,
    presenceSeconds,
    peakCount,
  };
}

/** What so many of `rowOf`'s segments took. */
function work(
  camera: string,
  tier: string,
  counted: {
    readonly segments: number;
    readonly quietSegments: number;
    readonly movingSeconds: number;
  },
) {
  const { segments } = counted;
  return {
    camera,
    tier,
    ...counted,
    footageSeconds: 60 * segments,
    cpuSeconds: 6 * segments,
    bytesRead: 1_000_000 * segments,
    rowsWritten: 2 * segments,
    snapshotsWritten: 0,
    snapshotBytes: 0,
    workUsd: segments / 50_000,
  };
}
