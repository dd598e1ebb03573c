import { BatchedInference } from './batched-inference';
import type { AnalysisSettings } from './camera-settings';
import type { Detection } from './detection';
import {
  GATE_WIDTH_PX,
  gateHeightPx,
  ignoredPixels,
  judgeMotion,
  type LumaPicture,
} from './motion-gate';
import { closedSamples, judgePackets, type PacketJudgement } from './packet-verdict';
import type { Detector, PacketFloor, Picture, SegmentVideo } from './ports';
import { planSamples, type Sample, type SamplingRange } from './sampling-plan';
import type { PacketGateReport, PacketSummary, SampledFrame } from './segment-result';

export interface AnalysisInput {
  readonly settings: AnalysisSettings;
  readonly floor: PacketFloor | null;
  /** The part of the video that counts, in seconds from its first frame. */
  readonly range: SamplingRange;
}

export interface Analysis {
  readonly frames: readonly SampledFrame[];
  readonly framesDecoded: number;
  readonly framesInferred: number;
  readonly packetGate: PacketGateReport;
  readonly packetSummary: PacketSummary;
  readonly partialReason: string | null;
}

/**
 * The story of a segment, in the order in which it happens: plan samples, drop those whose packets
 * prove quiet, decode the rest, drop those in which nothing moved, infer what is left, and carry the
 * last detections over the gaps. A pure function of the video's bytes, settings, model and floor.
 */
export async function analyseSegment(
  { settings, floor, range }: AnalysisInput,
  { video, detector }: { readonly video: SegmentVideo; readonly detector: Detector },
): Promise<Analysis> {
  const { facts } = video;
  const samples = planSamples(facts.packets, settings.sampleIntervalSeconds, range);
  const packets = judgePackets(facts, range, settings.packetGate, floor);
  const inference = new BatchedInference(detector, settings, video.facts);
  const motion = createMotionGate(settings, video);
  const outcomes: ('closed' | 'inferred')[] = [];
  const isClosed = closedSamples(samples, packets);
  let lastInferredSeconds = Number.NEGATIVE_INFINITY;

  for (const [index, sample] of samples.entries()) {
    const isDue = isHeartbeat(sample, lastInferredSeconds, settings.heartbeatSeconds);
    if (isClosed[index] && !isDue) {
      outcomes.push('closed');
      continue;
    }
    const picture = motion.pictureIfMoved(sample, isDue);
    if (picture === null) {
      outcomes.push('closed');
      continue;
    }
    await inference.add(picture);
    lastInferredSeconds = sample.atSeconds;
    outcomes.push('inferred');
  }

  const inferred = await inference.finish();
  return {
    frames: carryForward(samples, outcomes, inferred, range.fromSeconds),
    framesDecoded: video.framesDecoded,
    framesInferred: inferred.length,
    packetGate: packetReport(packets, isClosed, floor),
    packetSummary: packets.summary,
    partialReason: facts.partialReason ?? video.damage,
  };
}

/** Snapped to keyframes, where decoding starts anyway; without one for as long again, it does not wait. */
function isHeartbeat(
  { atSeconds, isFirstOfGop }: Sample,
  lastInferredSeconds: number,
  heartbeatSeconds: number,
): boolean {
  const elapsedSeconds = atSeconds - lastInferredSeconds;
  return elapsedSeconds >= heartbeatSeconds * (isFirstOfGop ? 1 : 2);
}

/** Where the gates were closed the last inferred detections hold, until the end of the segment. */
function carryForward(
  samples: readonly Sample[],
  outcomes: readonly ('closed' | 'inferred')[],
  inferred: readonly (readonly Detection[])[],
  fromSeconds: number,
): SampledFrame[] {
  let next = 0;
  let held: readonly Detection[] = [];
  return samples.map((sample, index) => {
    const isInferred = outcomes[index] === 'inferred';
    if (isInferred) held = inferred[next++]!;
    const source = isInferred ? 'inferred' : held.length > 0 ? 'carried' : 'gated';
    const atSeconds = Math.round((sample.atSeconds - fromSeconds) * 1000) / 1000;
    return { atSeconds, source, detections: [...held] };
  });
}

/**
 * Decodes a sample, and hands it on only if something moved since the last one handed on. A glimpse
 * without loop filter saves a tenth of a keyframe, decoding twice costs a whole one: so the first sample,
 * and those while things move, are decoded in full at once.
 */
function createMotionGate(settings: AnalysisSettings, video: SegmentVideo) {
  const { widthPx, heightPx } = video.facts;
  const size = { widthPx: GATE_WIDTH_PX, heightPx: gateHeightPx(widthPx, heightPx) };
  const ignored = ignoredPixels(size.widthPx, size.heightPx, [
    ...settings.masks,
    ...settings.privacyMasks,
  ]);
  let reference: LumaPicture | null = null;
  let isBusy = true;
  return {
    pictureIfMoved({ packetIndex }: Sample, isDue: boolean): Picture | null {
      if (!settings.motionGate) return video.pictureAt(packetIndex, 'full');
      const isWhole = isBusy || isDue;
      const glimpse = video.pictureAt(packetIndex, isWhole ? 'full' : 'gate');
      if (glimpse === null) return null;
      const current = { ...size, data: glimpse.luma(size.widthPx, size.heightPx) };
      isBusy = reference === null || judgeMotion(reference, current, ignored) !== 'still';
      if (!isBusy && !isDue) return null;
      reference = current;
      return isWhole ? glimpse : video.pictureAt(packetIndex, 'full');
    },
  };
}

function packetReport(
  { abstention }: PacketJudgement,
  isClosed: readonly boolean[],
  floor: PacketFloor | null,
): PacketGateReport {
  const floorId = floor?.floorId ?? null;
  if (abstention) return { ...abstention, floorId };
  const closed = isClosed.filter(Boolean).length;
  const reason = `${closed} of ${isClosed.length} samples within the floor of their GOP phase`;
  const verdict = closed === 0 ? 'open' : closed >= isClosed.length - 1 ? 'quiet' : 'mixed';
  return { verdict, reason, floorId };
}
