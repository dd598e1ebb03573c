import type { PacketFact, PacketFloor } from './ports';
import type { PacketSummary } from './segment-result';

/** At or above this the encoder codes noise or spends surplus: sizes say nothing (docs/decisions/gates.md). */
export const CAP_BITS_PER_MACROBLOCK = 3;
const LEAST_WINDOWS = 10;
const LEAST_WINDOWS_OF_PHASE = 4;
const MAD_TO_SIGMA = 1.48;

/** One second of footage, `(endSeconds - 1, endSeconds]` from the start of the segment. */
export interface PacketWindow {
  readonly endSeconds: number;
  /** Whole seconds from the last keyframe to the start of the window. */
  readonly phaseSeconds: number;
  /** Mean over the window's non-key packets; null where there are none. */
  readonly bitsPerMacroblock: number | null;
}

/** Cuts packets (any order) into one-second windows; keyframes do not count, filler was left out by the demuxer. */
export function packetWindows(
  packets: readonly PacketFact[],
  {
    macroblocks,
    fromSeconds,
    toSeconds,
  }: { readonly macroblocks: number; readonly fromSeconds: number; readonly toSeconds: number },
): PacketWindow[] {
  const count = Math.max(0, Math.ceil(toSeconds - fromSeconds - 1e-6));
  const bytes = new Float64Array(count);
  const frames = new Uint32Array(count);
  const keyframes: number[] = [];
  for (const { atSeconds, bytes: size, isKeyframe } of packets) {
    if (isKeyframe) keyframes.push(atSeconds);
    const index = Math.ceil(atSeconds - fromSeconds - 1e-6) - 1;
    if (isKeyframe || index < 0 || index >= count) continue;
    bytes[index]! += size;
    frames[index]! += 1;
  }
  keyframes.sort((a, b) => a - b);
  return Array.from(frames, (n, index) => ({
    endSeconds: fromSeconds + index + 1,
    phaseSeconds: phaseAt(keyframes, fromSeconds + index),
    bitsPerMacroblock: n === 0 ? null : (bytes[index]! * 8) / n / macroblocks,
  }));
}

function phaseAt(keyframes: readonly number[], atSeconds: number): number {
  let last = keyframes[0] ?? atSeconds;
  for (const keyframe of keyframes) {
    if (keyframe > atSeconds + 0.05) break;
    last = keyframe;
  }
  return Math.max(0, Math.floor(atSeconds - last + 0.05));
}

/** What a segment leaves behind for later floors: every window, rounded to 1/1000 bit. */
export function summariseWindows(windows: readonly PacketWindow[]): PacketSummary {
  return {
    windows: windows.flatMap(({ phaseSeconds, bitsPerMacroblock }) =>
      bitsPerMacroblock === null
        ? []
        : [{ phaseSeconds, bitsPerMacroblock: Math.round(bitsPerMacroblock * 1000) / 1000 }],
    ),
  };
}

/**
 * Floor and spread (median, MAD) of the last 600 windows below the cap, by phase in the GOP.
 * @returns null with fewer than ten such windows: the gate then abstains.
 */
export function learnFloor(
  floorId: string,
  summaries: readonly PacketSummary[],
): PacketFloor | null {
  const windows = summaries
    .flatMap((summary) => summary.windows)
    .filter(({ bitsPerMacroblock }) => bitsPerMacroblock < CAP_BITS_PER_MACROBLOCK)
    .slice(0, 600);
  if (windows.length < LEAST_WINDOWS) return null;
  const byPhase = Map.groupBy(windows, ({ phaseSeconds }) => phaseSeconds);
  const phases = [...byPhase]
    .filter(([, group]) => group.length >= LEAST_WINDOWS_OF_PHASE)
    .sort(([a], [b]) => a - b)
    .map(([phaseSeconds, group]) => ({
      phaseSeconds,
      ...spreadOf(group.map((window) => window.bitsPerMacroblock)),
    }));
  return { floorId, phases, all: spreadOf(windows.map((window) => window.bitsPerMacroblock)) };
}

function spreadOf(values: readonly number[]): { median: number; mad: number; samples: number } {
  const middle = median(values);
  return {
    median: middle,
    mad: median(values.map((value) => Math.abs(value - middle))),
    samples: values.length,
  };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}

/** Quiet only where the size proves it: below the cap and within the floor's spread for its phase. */
export function isQuietWindow(window: PacketWindow, floor: PacketFloor): boolean {
  const bits = window.bitsPerMacroblock;
  if (bits === null || bits >= CAP_BITS_PER_MACROBLOCK) return false;
  const { median: base, mad } =
    floor.phases.find((phase) => phase.phaseSeconds === window.phaseSeconds) ?? floor.all;
  return bits < base + Math.max(4 * MAD_TO_SIGMA * mad, 0.1 * base, 0.05);
}
