import { describe, expect, it } from 'vitest';
import { analyseSegment } from '../../core/analyse-segment';
import { type AnalysisSettings, PRODUCT_ANALYSIS_DEFAULTS } from '../../core/camera-settings';
import type { Detector, PacketFact, Picture, SegmentVideo } from '../../core/ports';

const WIDTH_PX = 320;
const HEIGHT_PX = 180;
/** Side of the thing that the scene shows, in pixels of the gate's picture. */
const THING_PX = 8;

/** A scene of even grey with a bright thing at `positionAt` (0-1 of the width), or none. */
interface Scene {
  readonly seconds: number;
  readonly gopFrames: number;
  readonly positionAt: (seconds: number) => number | null;
}

/** One frame a second; the detector sees the thing wherever it is. */
function open({ seconds, gopFrames, positionAt }: Scene) {
  const decoded: number[] = [];
  const inferred: number[] = [];
  const packets: PacketFact[] = Array.from({ length: seconds }, (_, index) => ({
    atSeconds: index,
    bytes: 1000,
    isKeyframe: index % gopFrames === 0,
  }));
  const pictureOf = (atSeconds: number): Picture => ({
    atSeconds,
    luma(widthPx, heightPx) {
      const data = new Uint8Array(widthPx * heightPx).fill(100);
      const position = positionAt(atSeconds);
      if (position === null) return data;
      const left = Math.round(position * (widthPx - THING_PX));
      for (let y = 20; y < 20 + THING_PX; y++) {
        data.fill(220, y * widthPx + left, y * widthPx + left + THING_PX);
      }
      return data;
    },
    fitRgb: (_, into) => {
      into[0] = positionAt(atSeconds) === null ? 0 : 1;
      inferred.push(atSeconds);
    },
    rgb: () => ({ data: new Uint8Array(), widthPx: 0, heightPx: 0 }),
  });
  const video: SegmentVideo = {
    facts: {
      widthPx: WIDTH_PX,
      heightPx: HEIGHT_PX,
      codec: 'h264',
      durationSeconds: seconds,
      macroblocks: 240,
      packets,
      partialReason: null,
    },
    get framesDecoded() {
      return decoded.length;
    },
    pictureAt(packetIndex) {
      decoded.push(packetIndex);
      return pictureOf(packets[packetIndex]!.atSeconds);
    },
    damage: null,
    close: () => {},
  };
  const detector: Detector = {
    model: 'fake',
    modelSha256: '0',
    classes: ['person'],
    nms: null,
    maxBatch: 4,
    inputFor: () => ({ widthPx: 8, heightPx: 8, fill: 0 }),
    async infer(pixels, count, { widthPx, heightPx }) {
      return Array.from({ length: count }, (_, index) => {
        const found = pixels[index * widthPx * heightPx * 3] === 1 ? 1 : 0;
        return {
          boxes: new Float32Array(found ? [0, 0, 4, 4] : []),
          confidences: new Float32Array(found).fill(0.9),
          classIndexes: new Int32Array(found),
        };
      });
    },
  };
  const settings: AnalysisSettings = {
    ...PRODUCT_ANALYSIS_DEFAULTS,
    sampleIntervalSeconds: 1,
    classes: ['person'],
  };
  const analyse = (change: Partial<AnalysisSettings> = {}) =>
    analyseSegment(
      {
        settings: { ...settings, ...change },
        floor: null,
        range: { fromSeconds: 0, toSeconds: seconds },
      },
      { video, detector },
    );
  return { analyse, inferred };
}

describe('analysing a segment', () => {
  it('infers the first sample and no other of a scene in which nothing moves', async () => {
    const { analyse, inferred } = open({ seconds: 30, gopFrames: 1, positionAt: () => null });
    const { frames, framesInferred } = await analyse();
    expect([inferred, framesInferred]).toEqual([[0], 1]);
    expect(frames.map(({ source }) => source)).toEqual(['inferred', ...Array(29).fill('gated')]);
  });

  it('keeps a person who stands still from the first frame to the last', async () => {
    const { analyse, inferred } = open({ seconds: 20, gopFrames: 1, positionAt: () => 0.5 });
    const { frames } = await analyse();
    expect(inferred).toEqual([0]);
    expect(frames.every(({ detections }) => detections.length === 1)).toBe(true);
    expect(frames.slice(1).every(({ source }) => source === 'carried')).toBe(true);
  });

  it('lets go of a person who left, in the sample in which the place is empty', async () => {
    const positionAt = (at: number): number | null => (at < 5 ? 0.5 : null);
    const { analyse } = open({ seconds: 10, gopFrames: 1, positionAt });
    const { frames } = await analyse();
    expect(frames.map(({ detections }) => detections.length)).toEqual([
      1, 1, 1, 1, 1, 0, 0, 0, 0, 0,
    ]);
    expect(frames[5]?.source).toBe('inferred');
  });

  it('infers every sample while somebody walks', async () => {
    const { analyse, inferred } = open({ seconds: 8, gopFrames: 1, positionAt: (at) => at / 8 });
    await analyse();
    expect(inferred).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });

  it('beats where decoding starts anyway: at the first sample of the next GOP', async () => {
    const { analyse, inferred } = open({ seconds: 200, gopFrames: 7, positionAt: () => null });
    await analyse({ heartbeatSeconds: 60 });
    expect(inferred).toEqual([0, 63, 126, 189]);
  });

  it('beats all the same where no GOP begins', async () => {
    const { analyse, inferred } = open({ seconds: 200, gopFrames: 1000, positionAt: () => null });
    await analyse({ heartbeatSeconds: 60 });
    expect(inferred).toEqual([0, 120]);
  });

  it('infers everything without gates', async () => {
    const { analyse, inferred } = open({ seconds: 6, gopFrames: 1, positionAt: () => null });
    await analyse({ motionGate: false, packetGate: 'off' });
    expect(inferred).toEqual([0, 1, 2, 3, 4, 5]);
  });
});
