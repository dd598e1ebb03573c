import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { shakePx } from '../../core/camera-shake';
import { gateHeightPx, ignoredPixels, judgeMotion } from '../../core/motion-gate';
import { isQuietWindow, learnFloor, packetWindows, summariseWindows } from '../../core/packet-gate';
import { closedSamples, judgePackets } from '../../core/packet-verdict';
import type { PacketFact } from '../../core/ports';
import { planSamples } from '../../core/sampling-plan';

/** A stream at 10 frames a second with a keyframe each `gop` frames; `bytesAt` sizes the frames between. */
function stream(seconds: number, gop: number, bytesAt: (second: number) => number): PacketFact[] {
  return Array.from({ length: seconds * 10 }, (_, index) => ({
    atSeconds: index / 10,
    bytes: index % gop === 0 ? 20_000 : bytesAt(index / 10),
    isKeyframe: index % gop === 0,
  }));
}

const MACROBLOCKS = 1296;
const whole = (seconds: number) => ({ fromSeconds: 0, toSeconds: seconds });
const quiet = stream(60, 10, (second) => 300 + (Math.floor(second) % 3) * 4);

describe('the sampling plan', () => {
  it('snaps to keyframes where they are as frequent as samples', () => {
    const samples = planSamples(
      stream(6, 10, () => 100),
      1,
      whole(6),
    );
    expect(samples.map(({ atSeconds }) => atSeconds)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(samples.every(({ isKeyframe }) => isKeyframe)).toBe(true);
  });

  it('takes the first frame at or past each second where keyframes are rarer', () => {
    const samples = planSamples(
      stream(6, 50, () => 100),
      1,
      whole(6),
    );
    expect(samples.map(({ atSeconds }) => atSeconds)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(samples.filter(({ isKeyframe }) => isKeyframe)).toHaveLength(2);
  });

  it('always samples the first frame, rises, and never samples a frame twice', () => {
    const gaps = fc.array(fc.integer({ min: 10, max: 3000 }), { minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(
        gaps,
        fc.double({ min: 0.2, max: 10, noNaN: true }),
        fc.integer({ min: 1, max: 60 }),
        (ms, interval, gop) => {
          let at = 0;
          const packets = ms.map((gap, index) => {
            const packet = { atSeconds: at / 1000, bytes: 100, isKeyframe: index % gop === 0 };
            at += gap;
            return packet;
          });
          const samples = planSamples(packets, interval, whole(at / 1000));
          expect(samples[0]?.packetIndex).toBe(0);
          const times = samples.map(({ atSeconds }) => atSeconds);
          expect(times).toEqual([...new Set(times)].sort((a, b) => a - b));
          expect(samples.length).toBeLessThanOrEqual(Math.ceil(at / 1000 / interval) + 1);
        },
      ),
    );
  });
});

describe('the packet gate', () => {
  const windowsOf = (packets: readonly PacketFact[], seconds: number) =>
    packetWindows(packets, { macroblocks: MACROBLOCKS, ...whole(seconds) });
  const floor = learnFloor('f', [summariseWindows(windowsOf(quiet, 60))])!;

  it('measures bits a macroblock of the frames between keyframes', () => {
    const [first] = windowsOf(
      stream(2, 10, () => 1296),
      2,
    );
    expect(first).toEqual({ endSeconds: 1, phaseSeconds: 0, bitsPerMacroblock: 8 });
  });

  it('closes on what lies at the floor of its GOP phase and opens on 15 % more', () => {
    const same = windowsOf(
      stream(10, 10, () => 304),
      10,
    );
    const more = windowsOf(
      stream(10, 10, () => 304 * 1.15),
      10,
    );
    expect(same.filter((window) => isQuietWindow(window, floor))).toHaveLength(10);
    expect(more.filter((window) => isQuietWindow(window, floor))).toHaveLength(0);
  });

  it('never calls 3 bits a macroblock quiet, whatever the floor says', () => {
    const loud = windowsOf(
      stream(60, 10, () => (3.01 * MACROBLOCKS) / 8),
      60,
    );
    const high = { floorId: 'f', phases: [], all: { median: 9, mad: 1, samples: 600 } };
    expect(loud.some((window) => isQuietWindow(window, high))).toBe(false);
    expect(learnFloor('f', [summariseWindows(loud)])).toBeNull();
  });

  it('abstains without a floor and where every second is above the cap, saying why', () => {
    const facts = {
      widthPx: 768,
      heightPx: 432,
      codec: 'h264' as const,
      durationSeconds: 60,
      macroblocks: MACROBLOCKS,
      packets: quiet,
      partialReason: null,
    };
    expect(judgePackets(facts, whole(60), 'auto', null).abstention?.reason).toMatch(/no floor yet/);
    const loud = { ...facts, packets: stream(60, 10, () => 5000) };
    expect(judgePackets(loud, whole(60), 'auto', floor).abstention?.reason).toMatch(
      /cap of 3 bits/,
    );
    expect(judgePackets(facts, whole(60), 'off', floor).abstention?.verdict).toBe('off');
  });

  it('closes a sample only if every second since the last one is quiet; never the first', () => {
    const packets = stream(20, 10, (second) => (second > 7 && second <= 8 ? 3000 : 304));
    const facts = {
      widthPx: 768,
      heightPx: 432,
      codec: 'h264' as const,
      durationSeconds: 20,
      macroblocks: MACROBLOCKS,
      packets,
      partialReason: null,
    };
    const judged = judgePackets(facts, whole(20), 'auto', floor);
    expect(closedSamples(planSamples(packets, 5, whole(20)), judged)).toEqual([
      false,
      true,
      false,
      true,
    ]);
  });
});

describe('the motion gate', () => {
  const [widthPx, heightPx] = [160, gateHeightPx(768, 432)];
  const ground = Uint8Array.from(
    { length: widthPx * heightPx },
    (_, index) => 80 + ((index * 7919) % 40),
  );
  const picture = (data: Uint8Array) => ({ widthPx, heightPx, data });
  const nothing = ignoredPixels(widthPx, heightPx, []);
  const shifted = (by: number) => ground.map((level) => level + by);
  const withBlock = (
    from: Uint8Array,
    { x, y, w, h, level }: Record<'x' | 'y' | 'w' | 'h' | 'level', number>,
  ) =>
    from.map((value, index) => {
      const [column, row] = [index % widthPx, Math.floor(index / widthPx)];
      return column >= x && column < x + w && row >= y && row < y + h ? level : value;
    });

  it('opens on a person 12 px tall and 4 px wide', () => {
    const current = withBlock(ground, { x: 70, y: 40, w: 4, h: 12, level: 40 });
    expect(judgeMotion(picture(ground), picture(current), nothing)).toBe('moved');
  });

  it('stays closed on noise and on a whole picture that is 12 levels brighter', () => {
    const noisy = ground.map((level, index) => level + ((index * 104_729) % 9) - 4);
    expect(judgeMotion(picture(ground), picture(noisy), nothing)).toBe('still');
    expect(judgeMotion(picture(ground), picture(shifted(12)), nothing)).toBe('still');
  });

  it('calls a lighting step of 60 levels relit, not moved', () => {
    expect(judgeMotion(picture(ground), picture(shifted(60)), nothing)).toBe('relit');
  });

  it('sees a person through a brightening of 15 levels', () => {
    const current = withBlock(shifted(15), { x: 20, y: 30, w: 6, h: 16, level: 40 });
    expect(judgeMotion(picture(ground), picture(current), nothing)).toBe('moved');
  });

  it('does not look inside masks', () => {
    const masked = ignoredPixels(widthPx, heightPx, [
      [
        [0.4, 0.3],
        [0.6, 0.3],
        [0.6, 0.7],
        [0.4, 0.7],
      ],
    ]);
    const current = withBlock(ground, { x: 70, y: 40, w: 4, h: 12, level: 30 });
    expect(judgeMotion(picture(ground), picture(current), masked)).toBe('still');
  });
});

describe('a camera that shakes', () => {
  const [widthPx, heightPx] = [160, 90];
  const nothing = ignoredPixels(widthPx, heightPx, []);
  type Point = readonly [number, number];

  /** Bright markings on grey ground, in each quarter of the picture: places and directions. */
  const MARKINGS: readonly { readonly at: Point; readonly along: Point }[] = [
    { at: [20, 12], along: [0.8, 0.6] },
    { at: [130, 15], along: [-0.6, 0.8] },
    { at: [30, 70], along: [0.6, -0.8] },
    { at: [140, 75], along: [0.28, 0.96] },
  ];

  interface Thing {
    readonly x: number;
    readonly y: number;
    readonly w: number;
    readonly h: number;
    readonly contrast: number;
  }

  /** The scene as a camera turned by `shake` px sees it, with noise of 2 levels and perhaps a thing in it. */
  function seen([shakeX, shakeY]: Point, seed: number, thing?: Thing) {
    const data = new Uint8Array(widthPx * heightPx);
    for (let index = 0; index < data.length; index++) {
      const [column, row] = [index % widthPx, Math.floor(index / widthPx)];
      const [x, y] = [column - shakeX, row - shakeY];
      let level = 100;
      for (const { at, along } of MARKINGS) {
        const [dx, dy] = [x - at[0], y - at[1]];
        const [far, aside] = [dx * along[0] + dy * along[1], dx * along[1] - dy * along[0]];
        if (Math.abs(far) < 8) level += 80 * Math.exp(-((aside / 1.2) ** 2));
      }
      const isInside =
        thing && x >= thing.x && x < thing.x + thing.w && y >= thing.y && y < thing.y + thing.h;
      if (isInside) level += thing.contrast;
      data[index] = Math.round(level) + ((((index + seed) * 104_729) >> 4) % 3) - 1;
    }
    return { widthPx, heightPx, data };
  }

  const shakes = fc.tuple(
    fc.double({ min: -0.5, max: 0.5, noNaN: true }),
    fc.double({ min: -0.5, max: 0.5, noNaN: true }),
  );
  const things = fc.record({
    x: fc.integer({ min: 4, max: widthPx - 10 }),
    y: fc.integer({ min: 4, max: heightPx - 18 }),
    w: fc.integer({ min: 3, max: 5 }),
    h: fc.integer({ min: 8, max: 12 }),
    contrast: fc.constantFrom(-60, -40, 40, 60),
  });
  const judge = (before: ReturnType<typeof seen>, after: ReturnType<typeof seen>) =>
    judgeMotion(before, after, nothing);

  it('leaves the gate closed where nothing else moves', () => {
    fc.assert(
      fc.property(shakes, fc.integer({ min: 1, max: 999 }), (shake, seed) => {
        expect(judge(seen([0, 0], 0), seen(shake, seed))).toBe('still');
      }),
    );
  });

  it('opens it all the same on whoever comes or goes meanwhile, 8 px tall and 3 px wide', () => {
    fc.assert(
      fc.property(shakes, fc.integer({ min: 1, max: 999 }), things, (shake, seed, thing) => {
        expect(judge(seen([0, 0], 0), seen(shake, seed, thing))).toBe('moved');
        expect(judge(seen([0, 0], 0, thing), seen(shake, seed))).toBe('moved');
      }),
    );
  });

  it('is not seen in a thing that moves in one place before a camera at rest', () => {
    const moves = fc.tuple(fc.integer({ min: -3, max: 3 }), fc.integer({ min: -3, max: 3 }));
    fc.assert(
      fc.property(things, moves, fc.integer({ min: 1, max: 999 }), (thing, [dx, dy], seed) => {
        fc.pre(Math.abs(dx) + Math.abs(dy) >= 2);
        const before = seen([0, 0], 0, { ...thing, x: thing.x + 4, y: thing.y + 4 });
        const after = seen([0, 0], seed, { ...thing, x: thing.x + 4 + dx, y: thing.y + 4 + dy });
        const shake = shakePx(before, after, { ignored: nothing, shift: 0, spread: 1 });
        expect(shake).toBeLessThan(0.25);
        expect(judge(before, after)).toBe('moved');
      }),
    );
  });

  it('is not believed where one quarter of the picture contradicts the others', () => {
    const before = seen([0, 0], 0);
    const after = seen([0.4, 0.3], 7);
    for (let y = 0; y < 45; y++) {
      const row = y * widthPx;
      after.data.set(before.data.subarray(row, row + 80), row);
    }
    const options = { ignored: nothing, shift: 0, spread: 1 };
    expect(shakePx(before, seen([0.4, 0.3], 7), options)).toBeGreaterThan(0.5);
    expect(shakePx(before, after, options)).toBe(0);
  });

  it('opens it once the camera has turned by more than a pixel', () => {
    expect(judge(seen([0, 0], 0), seen([1.6, 0.4], 5))).toBe('moved');
  });
});
