import type { AnalysedFile, ProbedFile } from '../../adapters/worker/job';
import type { WorkerPool } from '../../adapters/worker/pool';
import { analysisRanges, type FileRange } from '../../core/analysis-ranges';
import type { CameraSettings } from '../../core/camera-settings';
import { type EventItem, stitchEvents } from '../../core/events';
import { estimateTier, type MeasuredFootage } from '../../core/footage-estimate';
import type { VideoLimits } from '../../core/limits';
import type { SampledFrame } from '../../core/segment-result';
import { COST_ASSUMPTIONS } from '../../core/tier-cost';
import type { TierEstimate, UploadResult } from '../../core/upload';

/** Other tiers than the shown one are measured on this much of a video (s). */
const MEASURED_SECONDS = 600;
const EPOCH = '1970-01-01T00:00:00.000Z';

export interface VideoTrial {
  readonly file: string;
  readonly bytes: number;
  readonly facts: ProbedFile;
  readonly modelFolder: string;
  /** The camera's settings at each tier; the first is the one whose frames are shown. */
  readonly tiers: readonly [CameraSettings, ...CameraSettings[]];
  readonly limits: VideoLimits;
  /** 0–1 of all there is to analyse. */
  readonly onProgress: (ratio: number) => void;
}

interface Pass {
  readonly settings: CameraSettings;
  readonly ranges: readonly FileRange[];
  readonly parts: readonly AnalysedFile[];
}

/**
 * Analyses a video as its segments would be: at one tier whole, at the others as far as it takes to price
 * them. @throws what the pool reports
 */
export async function tryVideo(
  trial: VideoTrial,
  pool: Pick<WorkerPool, 'analyse'>,
): Promise<UploadResult> {
  const { tiers, facts } = trial;
  const [shownTier, ...others] = tiers;
  const all = analysisRanges(facts.durationSeconds);
  const some = all.filter(({ fromSeconds }) => fromSeconds < MEASURED_SECONDS);
  const priced = others.filter(({ lane }) => lane === 'cpu');
  const total = all.length + priced.length * some.length;
  let done = 0;
  const run = async (settings: CameraSettings, ranges: readonly FileRange[]): Promise<Pass> => {
    const parts = await Promise.all(
      ranges.map(async (range) => {
        const part = await pool.analyse(jobOf(trial, settings, all.length === 1 ? null : range));
        trial.onProgress(++done / total);
        return part;
      }),
    );
    return { settings, ranges, parts };
  };
  const shown = await run(shownTier, all);
  const measured = [shown];
  for (const settings of priced) measured.push(await run(settings, some));
  return resultOf(trial, shown, estimatesOf(trial, measured));
}

function jobOf(
  { file, modelFolder, limits }: VideoTrial,
  { analysis }: CameraSettings,
  range: FileRange | null,
): Parameters<WorkerPool['analyse']>[0] {
  const startedAt = new Date((range?.fromSeconds ?? 0) * 1000).toISOString();
  const common = { file, modelFolder, limits, range, startedAt };
  return { ...common, settings: analysis, floor: null, wantsSnapshots: true };
}

function resultOf(
  { facts }: VideoTrial,
  { settings, ranges, parts }: Pass,
  tiers: TierEstimate[],
): UploadResult {
  const sum = (of: (part: AnalysedFile) => number): number =>
    parts.reduce((total, part) => total + of(part), 0);
  const items = parts.map((part, index) => itemOf(part, ranges[index]!));
  const partialReason = parts.map(({ analysis }) => analysis.partialReason).find(Boolean) ?? null;
  const frames = parts.flatMap(({ analysis }, index) =>
    analysis.frames.map((frame) => laterFrame(frame, ranges[index]!.fromSeconds)),
  );
  return {
    durationSeconds: facts.durationSeconds,
    widthPx: facts.widthPx,
    heightPx: facts.heightPx,
    codec: facts.codec,
    tier: settings.tier,
    model: parts[0]!.model,
    isPartial: partialReason !== null,
    partialReason,
    startedAt: EPOCH,
    frames,
    events: stitchEvents(items, settings).map(({ partIds: _, ...event }) => event),
    work: {
      framesSampled: frames.length,
      framesDecoded: sum(({ analysis }) => analysis.framesDecoded),
      framesInferred: sum(({ analysis }) => analysis.framesInferred),
      cpuSeconds: sum((part) => part.cpuSeconds),
      wallSeconds: sum((part) => part.wallSeconds),
    },
    tiers,
    assumptions: COST_ASSUMPTIONS,
  };
}

/** In the order of the trial's tiers. */
function estimatesOf({ tiers, bytes, facts }: VideoTrial, passes: readonly Pass[]): TierEstimate[] {
  return tiers.map((settings) => {
    const pass = passes.find((one) => one.settings === settings) ?? passes[0]!;
    return estimateTier(settings, measuredOf(pass, bytes / facts.durationSeconds));
  });
}

function measuredOf({ parts, ranges }: Pass, bytesPerSecond: number): MeasuredFootage {
  const snapshots = parts.flatMap((part) => part.snapshots);
  const footageSeconds = ranges.reduce((sum, one) => sum + one.toSeconds - one.fromSeconds, 0);
  return {
    footageSeconds,
    cpuSeconds: parts.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0),
    bytes: bytesPerSecond * footageSeconds,
    segments: parts.length,
    evidenceSegments: parts.filter(({ presences }) => presences.length > 0).length,
    snapshots: snapshots.length,
    snapshotBytes: snapshots.reduce((sum, { jpeg }) => sum + jpeg.length, 0),
  };
}

function laterFrame(frame: SampledFrame, seconds: number): SampledFrame {
  return { ...frame, atSeconds: Math.round((frame.atSeconds + seconds) * 1000) / 1000 };
}

/** A range as the item it would be, so that uploads and footage stitch by the same rule. */
function itemOf({ presences }: AnalysedFile, { fromSeconds, toSeconds }: FileRange): EventItem {
  const at = (seconds: number): string => new Date(Math.round(seconds * 1000)).toISOString();
  return {
    segmentKey: 'video',
    objectVersion: '',
    range: `${Math.round(fromSeconds * 1000)}-${Math.round(toSeconds * 1000)}`,
    camera: 'uploads/video',
    startedAt: at(fromSeconds),
    endedAt: at(toSeconds),
    presences: presences.map((presence) => ({ ...presence, snapshotKey: null })),
  };
}
