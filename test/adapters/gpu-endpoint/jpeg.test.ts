import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { EndpointAnalyser } from '../../../adapters/gpu-endpoint/endpoint-analyser';
import { HttpEndpoint } from '../../../adapters/gpu-endpoint/http-endpoint';
import { readBundle } from '../../../adapters/onnx/bundle';
import { WorkerPool } from '../../../adapters/worker/pool';
import { type AnalysisSettings, PRODUCT_ANALYSIS_DEFAULTS } from '../../../core/camera-settings';
import type { PicturesAnswer } from '../../../core/endpoint-contract';
import { intersectionOverUnion } from '../../../core/geometry';
import type { AnalysedSegment, InferenceEndpoint, SegmentMessage } from '../../../core/ports';
import { type RunningServer, startServer } from '../../endpoint/server-process';

const ROOT = join(__dirname, '../../..');
const FILE = join(ROOT, 'demo/footage/harbour-depot/lobby/20261102T080000Z_60s.mp4');
const BUNDLE = readBundle(join(ROOT, 'model-build/default'));
const UNGATED = { classes: ['person', 'vehicle'], packetGate: 'off', motionGate: false } as const;

let server: RunningServer;
let pool: WorkerPool;
beforeAll(async () => {
  server = await startServer();
  pool = new WorkerPool({ size: 1, deadlineSeconds: 120 });
});
afterAll(() => {
  server.process.kill('SIGKILL');
  pool.close();
});

function messageOf(change: Partial<AnalysisSettings>): SegmentMessage {
  const segmentKey = 'harbour-depot/lobby/20261102T080000Z_60s.mp4';
  return {
    segmentKey,
    objectKey: segmentKey,
    objectVersion: '1',
    range: '0-60000',
    analysisId: 'analysis',
    camera: 'harbour-depot/lobby',
    tier: 'high',
    lane: 'gpu',
    model: 'default',
    floorId: null,
    settings: {
      ...PRODUCT_ANALYSIS_DEFAULTS,
      ...UNGATED,
      classes: [...UNGATED.classes],
      sampleIntervalSeconds: 1,
      ...change,
    },
    attempt: 1,
  };
}

/** The real server's, noting what each request holds; `spoil` changes its answers. */
function analyser(spoil: (answer: PicturesAnswer) => PicturesAnswer = (answer) => answer) {
  const real = new HttpEndpoint(() => server.url);
  const requests: number[] = [];
  const sent: Uint8Array[] = [];
  const endpoint: InferenceEndpoint = {
    analyse: (file, settings) => real.analyse(file, settings),
    detect: async (jpegs, settings) => {
      requests.push(jpegs.length);
      sent.push(...jpegs);
      return spoil(await real.detect(jpegs, settings));
    },
  };
  const options = { endpoint, pool, pathOf: () => FILE, bundleOf: () => BUNDLE };
  const made = new EndpointAnalyser({ ...options, deadlineMs: 100_000 });
  return {
    requests,
    sent,
    analyse: (change: Partial<AnalysisSettings> = {}) => made.analyse(messageOf(change), null),
  };
}

/** What both ways must agree on: all but the last digits of boxes and confidences. */
function storyOf({ analysis, presences, snapshots, durationSeconds, model }: AnalysedSegment) {
  const { frames, ...rest } = analysis;
  return {
    model,
    durationSeconds,
    ...rest,
    frames: frames.map(({ atSeconds, source, detections }) => ({
      atSeconds,
      source,
      classes: detections.map(({ className }) => className).sort(),
    })),
    presences: presences.map(({ className, zone }) => ({ className, zone })),
    snapshots: snapshots.map(({ className, zone }) => ({ className, zone })),
  };
}

it('makes the frames, presences and snapshots that packets make, boxes in the same place', async () => {
  const { analyse, requests } = analyser();
  const packets = await analyse();
  expect(requests).toEqual([]);
  const jpeg = await analyse({ send: 'jpeg' });
  expect(storyOf(jpeg)).toEqual(storyOf(packets));
  expect(requests).toEqual([jpeg.analysis.framesInferred]);
  const boxes = ({ analysis }: AnalysedSegment) =>
    analysis.frames.flatMap(({ detections }) => detections.map(({ box }) => box));
  expect(boxes(jpeg).length).toBeGreaterThan(0);
  for (const [index, box] of boxes(jpeg).entries()) {
    expect(intersectionOverUnion(box, boxes(packets)[index]!)).toBeGreaterThan(0.8);
  }
  expect(jpeg.gpuMs).toBeGreaterThan(0);
  expect(
    jpeg.snapshots.every(({ jpeg: [first, second] }) => first === 0xff && second === 0xd8),
  ).toBe(true);
});

it('sends no more pictures in a request than the server takes', async () => {
  const { analyse, requests } = analyser();
  const { analysis } = await analyse({ send: 'jpeg', sampleIntervalSeconds: 0.5 });
  expect(requests).toEqual([64, analysis.framesInferred - 64]);
});

it('blacks privacy masks out before it sends, and drops what stands in a mask', async () => {
  const { analyse, sent } = analyser();
  const left: [number, number][] = [
    [0, 0],
    [0.5, 0],
    [0.5, 1],
    [0, 1],
  ];
  const masked = await analyse({ masks: [left], send: 'jpeg' });
  expect(storyOf(masked)).toEqual(storyOf(await analyse({ masks: [left] })));
  sent.length = 0;
  await analyse({ privacyMasks: [left], send: 'jpeg' });
  const black = { left: 0, top: 0, width: 144, height: 176 };
  const { channels } = await sharp(await sharp(sent[0]).extract(black).toBuffer()).stats();
  expect(Math.max(...channels.map(({ mean }) => mean))).toBeLessThan(2);
});

it('spills what is answered by halves or by another model', async () => {
  const half = analyser(({ pictures, ...rest }) => ({ ...rest, pictures: pictures.slice(1) }));
  await expect(half.analyse({ send: 'jpeg' })).rejects.toMatchObject({ reason: 'garbled' });
  const other = analyser((answer) => ({ ...answer, modelSha256: '0'.repeat(64) }));
  await expect(other.analyse({ send: 'jpeg' })).rejects.toMatchObject({ reason: 'other-model' });
});
