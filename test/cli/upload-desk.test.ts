import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AnalysedFile, AnalysisJob, ProbedFile } from '../../adapters/worker/job';
import { LocalUploads, type UploadDeskOptions } from '../../cli/serve/upload-desk';
import { TierwatchError } from '../../core/errors';
import { fleetSchema } from '../../core/fleet/schema';
import type { Upload } from '../../core/upload';

const HOUR_MS = 3_600_000;
const FACTS: ProbedFile = { durationSeconds: 125, widthPx: 1280, heightPx: 720, codec: 'h264' };

class VideoError extends TierwatchError {
  override readonly name = 'VideoError';
  constructor(file: string) {
    super(`"${file}": expected frames, found none`, {
      code: 'unreadable-video',
      retryable: false,
    });
  }
}

let folder: string;
let nowMs: number;
let desk: LocalUploads;
let jobs: AnalysisJob[];
let errors: unknown[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tierwatch-uploads-'));
  nowMs = Date.parse('2026-11-20T08:00:00.000Z');
  jobs = [];
  errors = [];
});
afterEach(() => {
  desk.close();
  rmSync(folder, { recursive: true, force: true });
});

/** A part of a video in which a person stands from its second second to its fourth. */
function analysed({ startedAt }: AnalysisJob): AnalysedFile {
  const at = (seconds: number): string =>
    new Date(Date.parse(startedAt) + seconds * 1000).toISOString();
  return {
    model: 'demo',
    modelSha256: '',
    modelGrade: 'demo',
    analysis: {
      frames: [{ atSeconds: 2, source: 'inferred', detections: [] }],
      framesDecoded: 10,
      framesInferred: 5,
      partialReason: null,
    } as unknown as AnalysedFile['analysis'],
    presences: [
      {
        ...{ className: 'person', zone: 'frame', still: [], peakCount: 1, bestConfidence: 0.9 },
        ...{ moving: [{ from: at(2), to: at(4), peak: 1 }], bestAt: at(2), snapshotKey: 'x' },
      },
    ],
    snapshots: [{ className: 'person', zone: 'frame', jpeg: new Uint8Array(1000) }],
    video: { ...FACTS },
    cpuSeconds: 0.5,
    wallSeconds: 0.6,
    bytesRead: 1000,
    peakMemoryBytes: 1,
  };
}

const working: UploadDeskOptions['pool'] = {
  probe: async () => FACTS,
  analyse: async (job) => {
    jobs.push(job);
    return analysed(job);
  },
};

function open(pool: UploadDeskOptions['pool'] = working): Promise<LocalUploads> {
  return LocalUploads.open({
    folder,
    fleet: fleetSchema.parse({ defaults: { tier: 'steady' } }),
    modelFolder: 'model',
    pool,
    onError: (error) => errors.push(error),
    nowMs: () => nowMs,
  });
}

function send(name = 'a.MP4', text = 'video', bytes = text.length): Promise<Upload> {
  const body = new Blob([text]).stream() as ReadableStream<Uint8Array>;
  return desk.receive({ name, bytes, body });
}

async function ended(id: string): Promise<Upload> {
  await expect.poll(async () => (await desk.show(id))?.status).toMatch(/^(done|failed)$/);
  return (await desk.show(id))!;
}

describe('an upload', () => {
  it('is analysed in parts of a minute, at its tier whole and at the others to price them', async () => {
    desk = await open();
    const { id, status, createdAt, expiresAt } = await send();
    expect([status, createdAt, expiresAt]).toEqual([
      'waiting',
      '2026-11-20T08:00:00.000Z',
      '2026-11-21T08:00:00.000Z',
    ]);
    const { result } = await ended(id);
    const ranges = [
      { fromSeconds: 0, toSeconds: 60 },
      { fromSeconds: 60, toSeconds: 120 },
      { fromSeconds: 120, toSeconds: 125 },
    ];
    const intervals = jobs.map(({ settings }) => settings.sampleIntervalSeconds);
    expect(intervals).toEqual([1, 1, 1, 5, 5, 5]);
    expect(jobs.slice(0, 3).map(({ range }) => range)).toEqual(ranges);
    expect(result!.frames.map(({ atSeconds }) => atSeconds)).toEqual([2, 62, 122]);
    expect(result!.events.map(({ startedAt }) => startedAt.slice(11, 19))).toEqual([
      '00:00:02',
      '00:01:02',
      '00:02:02',
    ]);
    expect(result).toMatchObject({
      tier: 'steady',
      durationSeconds: 125,
      work: { framesSampled: 3, framesDecoded: 30, framesInferred: 15, cpuSeconds: 1.5 },
      tiers: [
        { tier: 'steady', usdPerMonth: expect.any(Number) },
        { tier: 'high', usdPerMonth: null },
        { tier: 'low', usdPerMonth: expect.any(Number) },
      ],
    });
  });

  it('goes after a day, with its file', async () => {
    desk = await open();
    const { id } = await send();
    await ended(id);
    nowMs += 24 * HOUR_MS - 1;
    expect(await desk.show(id)).not.toBeNull();
    nowMs += 1;
    expect([await desk.show(id), await desk.video(id)]).toEqual([null, null]);
    desk.close();
    desk = await open();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('that another process left unfinished is analysed by the next', async () => {
    desk = await open({ ...working, analyse: () => new Promise(() => {}) });
    const { id } = await send();
    await expect.poll(async () => (await desk.show(id))?.status).toBe('working');
    desk.close();
    desk = await open();
    expect(await ended(id)).toMatchObject({ status: 'done', progressRatio: 1 });
    const file = (await desk.video(id))!;
    expect([file.type, file.file.bytes]).toEqual(['video/mp4', 5]);
  });

  it('that fails says why, without a path, and whether it was foreseen', async () => {
    desk = await open({
      ...working,
      analyse: async ({ file }) => {
        throw new VideoError(file);
      },
    });
    expect((await ended((await send()).id)).error).toEqual({
      code: 'unreadable-video',
      message: 'expected frames, found none',
    });
    desk.close();
    desk = await open({
      ...working,
      analyse: async () => {
        throw new Error('secret');
      },
    });
    const { error } = await ended((await send()).id);
    expect([error?.code, error?.message]).toEqual([
      'internal',
      'the analysis failed; the log has the reason',
    ]);
    expect(errors).toEqual([new Error('secret')]);
  });

  it('beyond four at once has to wait; none is half-stored', async () => {
    desk = await open({ ...working, analyse: () => new Promise(() => {}) });
    for (let count = 0; count < 4; count++) await send();
    await expect(send()).rejects.toMatchObject({ status: 429, code: 'too-many-requests' });
    expect(readdirSync(folder)).toHaveLength(4);
  });

  it.each([
    ['of fewer bytes than it said', ['a.mp4', 'video', 9], 400, 'upload-cut-off'],
    ['of more bytes than it said', ['a.mp4', 'video', 3], 400, 'upload-cut-off'],
    ['of another type', ['a.exe', 'video', 5], 415, 'upload-type'],
    ['whose name only begins like one', ['a.mp4.exe', 'video', 5], 415, 'upload-type'],
  ] as const)('%s leaves nothing', async (_, [name, text, bytes], status, code) => {
    desk = await open();
    await expect(send(name, text, bytes)).rejects.toMatchObject({ status, code });
    expect(existsSync(folder) ? readdirSync(folder) : []).toEqual([]);
  });

  it('longer than two hours, or no video, leaves nothing', async () => {
    desk = await open({ ...working, probe: async () => ({ ...FACTS, durationSeconds: 7201 }) });
    await expect(send()).rejects.toMatchObject({ status: 422, code: 'video-over-limit' });
    desk.close();
    desk = await open({
      ...working,
      probe: async ({ file }) => {
        throw new VideoError(file);
      },
    });
    await expect(send()).rejects.toMatchObject({
      status: 422,
      message: 'expected frames, found none',
    });
    expect(readdirSync(folder)).toEqual([]);
  });

  it('is stored under an id of ours, whatever its name', async () => {
    desk = await open();
    const { id, name } = await send('../../<img src=x>.mp4');
    expect(name).toBe('../../<img src=x>.mp4');
    expect(readdirSync(folder)).toEqual([id]);
    expect(readdirSync(join(folder, id)).sort()).toEqual(['upload.json', 'video.mp4']);
    expect(readFileSync(join(folder, id, 'video.mp4'), 'utf8')).toBe('video');
  });
});
