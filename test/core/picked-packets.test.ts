import { describe, expect, it } from 'vitest';
import { PRODUCT_ANALYSIS_DEFAULTS } from '../../core/camera-settings';
import { cutAtKeyframes, neededPackets } from '../../core/picked-packets';
import type { VideoFacts } from '../../core/ports';

const FPS = 25;

/** Packets a 25th of a second apart, with a keyframe at the start and at those that are named. */
function factsOf(packets: number, keyframes: readonly number[] = []): VideoFacts {
  return {
    ...{ widthPx: 640, heightPx: 360, codec: 'h264', macroblocks: 920, partialReason: null },
    durationSeconds: packets / FPS,
    packets: Array.from({ length: packets }, (_, index) => ({
      atSeconds: index / FPS,
      bytes: 100,
      isKeyframe: index === 0 || keyframes.includes(index),
    })),
  };
}

function neededOf(facts: VideoFacts): number[] {
  const settings = { ...PRODUCT_ANALYSIS_DEFAULTS, sampleIntervalSeconds: 1 };
  const range = { fromSeconds: 0, toSeconds: facts.durationSeconds };
  return neededPackets(facts, { settings, floor: null, range });
}

const numbers = (from: number, to: number): number[] =>
  Array.from({ length: to - from }, (_, index) => from + index);

describe('packets that an analysis can’t do without', () => {
  it('are the keyframes alone where each second has one', () => {
    expect(neededOf(factsOf(100, [25, 50, 75]))).toEqual([0, 25, 50, 75]);
  });

  it('are whole groups of pictures where samples lie between keyframes', () => {
    expect(neededOf(factsOf(100, [70]))).toEqual(numbers(0, 100));
  });

  it('are each counted once, also in an hour without a second keyframe', () => {
    expect(neededOf(factsOf(3600 * FPS))).toEqual(numbers(0, 3600 * FPS));
  });
});

describe('what is sent', () => {
  const cut = (
    { keyframes, sent }: { readonly keyframes: number[]; readonly sent: number[] },
    maxBytes: number,
  ) => cutAtKeyframes({ keyframes, sent }, () => 10, maxBytes);

  it('is cut before keyframes, each part as large as it may be', () => {
    const sent = numbers(0, 9);
    expect(cut({ keyframes: [0, 3, 5], sent }, 50)).toEqual([
      [0, 1, 2, 3, 4],
      [5, 6, 7, 8],
    ]);
    expect(cut({ keyframes: [0, 3, 5], sent }, 39)).toBeNull();
  });

  it('may be a group of any length behind another', () => {
    const sent = numbers(0, 200_000);
    expect(cut({ keyframes: [0, 1], sent }, 10 * 200_000)).toEqual([sent]);
  });
});
