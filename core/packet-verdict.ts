import type { AnalysisSettings } from './camera-settings';
import {
  CAP_BITS_PER_MACROBLOCK,
  isQuietWindow,
  type PacketWindow,
  packetWindows,
  summariseWindows,
} from './packet-gate';
import type { PacketFloor, VideoFacts } from './ports';
import type { Sample, SamplingRange } from './sampling-plan';
import type { PacketSummary } from './segment-result';

export interface PacketJudgement {
  readonly windows: readonly PacketWindow[];
  readonly isQuiet: readonly boolean[];
  readonly summary: PacketSummary;
  /** Set where the gate has no say in this segment. */
  readonly abstention: { readonly verdict: 'off' | 'abstained'; readonly reason: string } | null;
}

/** Judges every one-second window of a segment; abstains where sizes mean nothing, saying why. */
export function judgePackets(
  facts: VideoFacts,
  range: SamplingRange,
  mode: AnalysisSettings['packetGate'],
  floor: PacketFloor | null,
): PacketJudgement {
  const windows = packetWindows(facts.packets, { macroblocks: facts.macroblocks, ...range });
  const abstention = abstentionOf(windows, mode, floor);
  return {
    windows,
    isQuiet: windows.map((window) => !abstention && floor !== null && isQuietWindow(window, floor)),
    summary: summariseWindows(windows),
    abstention,
  };
}

function abstentionOf(
  windows: readonly PacketWindow[],
  mode: AnalysisSettings['packetGate'],
  floor: PacketFloor | null,
): PacketJudgement['abstention'] {
  if (mode === 'off') return { verdict: 'off', reason: 'packetGate is off' };
  if (floor === null) {
    return { verdict: 'abstained', reason: 'no floor yet: it is learned from earlier hours' };
  }
  const isCapped = ({ bitsPerMacroblock: bits }: PacketWindow) =>
    bits === null || bits >= CAP_BITS_PER_MACROBLOCK;
  if (!windows.every(isCapped)) return null;
  const cap = `${CAP_BITS_PER_MACROBLOCK} bits a macroblock`;
  return {
    verdict: 'abstained',
    reason: `every second reaches the cap of ${cap}: sizes are blind`,
  };
}

/**
 * Which samples the packet gate closes: those with nothing but quiet windows since the sample before.
 * The first sample of a segment never closes.
 */
export function closedSamples(
  samples: readonly Sample[],
  { windows, isQuiet, abstention }: PacketJudgement,
): boolean[] {
  return samples.map((sample, index) => {
    const before = samples[index - 1];
    if (abstention || !before) return false;
    const since = windows.flatMap(({ endSeconds }, at) =>
      endSeconds > before.atSeconds + 1e-3 && endSeconds - 1 < sample.atSeconds - 1e-3 ? [at] : [],
    );
    return since.length > 0 && since.every((at) => isQuiet[at]);
  });
}
