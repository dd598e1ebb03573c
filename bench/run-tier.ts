import type { OnnxDetector } from '../adapters/onnx/onnx-detector';
import { openSegmentVideo } from '../adapters/video/segment-video';
import { analyseSegment } from '../core/analyse-segment';
import type { AnalysisSettings } from '../core/camera-settings';
import { type EventItem, type StitchedEvent, stitchEvents } from '../core/events';
import { parseFleet } from '../core/fleet/parse';
import { resolveCamera } from '../core/fleet/resolve';
import { learnFloor } from '../core/packet-gate';
import type { PacketFloor } from '../core/ports';
import { presencesOf } from '../core/presence';
import type { PacketSummary, SampledFrame } from '../core/segment-result';
import type { LandedSegment } from './landed-clip';

/** As a camera without settings of its own has it. */
export const QUIET_GAP_SECONDS = 10;

/** What one tier made of a clip. */
export interface TierOutcome {
  readonly frames: SampledFrame[];
  readonly events: StitchedEvent[];
  readonly summaries: PacketSummary[];
  readonly framesDecoded: number;
  readonly framesInferred: number;
}

/** One floor a segment, learned from the clip's other segments: no second is judged by a floor it is part of. */
export async function crossFittedFloors(
  segments: readonly LandedSegment[],
  detector: OnnxDetector,
): Promise<(PacketFloor | null)[]> {
  const { summaries } = await runTier(segments, 'low', { detector, floors: [] });
  return summaries.map((_, index) =>
    learnFloor(
      `without segment ${index}`,
      summaries.filter((__, other) => other !== index),
    ),
  );
}

/** Works a clip's segments by one tier, one after the other, in this process. */
export async function runTier(
  segments: readonly LandedSegment[],
  tier: string,
  { detector, floors }: { detector: OnnxDetector; floors: readonly (PacketFloor | null)[] },
): Promise<TierOutcome> {
  const settings = settingsOf(tier);
  const items: EventItem[] = [];
  const frames: SampledFrame[] = [];
  const summaries: PacketSummary[] = [];
  let [framesDecoded, framesInferred] = [0, 0];
  for (const [index, { file, fromSeconds, durationSeconds }] of segments.entries()) {
    const range = { fromSeconds: 0, toSeconds: durationSeconds };
    const video = openSegmentVideo(file, { range });
    const floor = floors[index] ?? null;
    const analysis = await analyseSegment({ settings, floor, range }, { video, detector });
    video.close();
    const at = (seconds: number): string => new Date(Math.round(seconds * 1000)).toISOString();
    const startedAt = at(fromSeconds);
    const presences = presencesOf({
      frames: analysis.frames,
      startedAt,
      durationSeconds,
      settings,
    });
    items.push({
      segmentKey: file,
      objectVersion: '',
      range: `${index}`,
      camera: 'bench/clip',
      startedAt,
      endedAt: at(fromSeconds + durationSeconds),
      presences,
    });
    frames.push(
      ...analysis.frames.map((frame) => ({
        ...frame,
        atSeconds: frame.atSeconds + fromSeconds,
      })),
    );
    summaries.push(analysis.packetSummary);
    framesDecoded += analysis.framesDecoded;
    framesInferred += analysis.framesInferred;
  }
  const events = stitchEvents(items, {
    quietGapSeconds: QUIET_GAP_SECONDS,
    stationaryAfterMinutes: 10,
    analysis: settings,
  });
  return { frames, events, summaries, framesDecoded, framesInferred };
}

/** A tier of the product, as a camera without settings of its own has it. */
export function settingsOf(tier: string): AnalysisSettings {
  const fleet = parseFleet('bench', `defaults: { tier: ${tier} }`);
  return resolveCamera(fleet, 'bench/clip', new Date(0).toISOString()).settings.analysis;
}
