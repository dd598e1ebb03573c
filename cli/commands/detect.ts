import { basename } from 'node:path';
import type { Command } from 'commander';
import { readBundle } from '../../adapters/onnx/bundle';
import type { AnalysedFile } from '../../adapters/worker/job';
import { WorkerPool } from '../../adapters/worker/pool';
import { analysisIdOf } from '../../core/analysis-id';
import { analysisRanges, type FileRange } from '../../core/analysis-ranges';
import type { AnalysisSettings } from '../../core/camera-settings';
import { TierwatchError } from '../../core/errors';
import { type EventItem, stitchEvents } from '../../core/events';
import { parseFleet } from '../../core/fleet/parse';
import { resolveCamera } from '../../core/fleet/resolve';
import type { SampledFrame, SegmentResult } from '../../core/segment-result';
import { EXIT, guarded } from '../exit';
import {
  DEFAULT_MODEL,
  defaultWorkers,
  demoGradeNotice,
  positiveNumber,
  ratio,
  requireFiles,
  UsageError,
  wholeNumber,
} from '../options';

interface DetectOptions {
  readonly model: string;
  readonly tier: string;
  readonly every?: number;
  readonly minConfidence?: number;
  readonly workers: number;
  readonly quietGap: number;
  readonly json?: true;
}

const EPOCH = '1970-01-01T00:00:00.000Z';

export function registerDetect(program: Command): void {
  program
    .command('detect')
    .description('analyse video files; needs no fleet file and no database')
    .argument('<file...>', 'H.264 or H.265 in MP4, MPEG-TS or MKV')
    .option('--model <dir>', 'model bundle', DEFAULT_MODEL)
    .option('--tier <name>', 'low, steady, high or exhaustive', 'steady')
    .option('--every <seconds>', 'seconds between samples; default: the tier’s', positiveNumber)
    .option('--min-confidence <ratio>', 'least confidence, 0-1; default 0.4', ratio)
    .option('--workers <count>', 'child processes', wholeNumber, defaultWorkers())
    .option('--quiet-gap <seconds>', 'an event closes after this quiet gap', positiveNumber, 10)
    .option('--json', 'one SegmentResult a line')
    .action(guarded(detect));
}

async function detect(files: string[], options: DetectOptions): Promise<void> {
  requireFiles(files);
  const bundle = readBundle(options.model);
  if (bundle.manifest.grade === 'demo') console.error(demoGradeNotice(files));
  const settings = settingsOf(options);
  const context: Context = {
    options,
    settings,
    analysisId: analysisIdOf({ modelSha256: bundle.sha256, settings, floorId: null }),
    pool: new WorkerPool({ size: options.workers, deadlineSeconds: 600 }),
  };
  try {
    const outcomes = await Promise.all(files.map((file) => detectFile(file, context)));
    if (outcomes.includes(false)) process.exitCode = EXIT.someRejected;
  } finally {
    context.pool.close();
  }
}

interface Context {
  readonly options: DetectOptions;
  readonly settings: AnalysisSettings;
  readonly analysisId: string;
  readonly pool: WorkerPool;
}

function settingsOf({ tier, every, minConfidence }: DetectOptions): AnalysisSettings {
  const fleet = parseFleet('detect', '{}');
  const known = { ...fleet, defaults: { tier } };
  if (!['low', 'steady', 'high', 'exhaustive'].includes(tier)) {
    throw new UsageError(`"--tier ${tier}": expected low, steady, high or exhaustive`);
  }
  const { analysis } = resolveCamera(known, 'detect/file', EPOCH).settings;
  return {
    ...analysis,
    ...(every === undefined ? {} : { sampleIntervalSeconds: every }),
    ...(minConfidence === undefined ? {} : { minConfidence }),
  };
}

/** @returns false where the file was rejected */
async function detectFile(file: string, context: Context): Promise<boolean> {
  try {
    // In a child too: a file that crashes native code takes only itself.
    const { durationSeconds } = await context.pool.probe({ file });
    const ranges = analysisRanges(durationSeconds);
    const parts = await Promise.all(
      ranges.map((range) =>
        context.pool.analyse({
          file,
          modelFolder: context.options.model,
          settings: context.settings,
          floor: null,
          range: ranges.length === 1 ? null : range,
          startedAt: new Date(Date.parse(EPOCH) + range.fromSeconds * 1000).toISOString(),
          wantsSnapshots: false,
        }),
      ),
    );
    const result = resultOf(file, { ranges, parts, context });
    if (context.options.json) console.log(JSON.stringify(result));
    else printHuman(file, { result, parts, ranges, context });
    return true;
  } catch (error) {
    if (!(error instanceof TierwatchError)) throw error;
    console.error(`tierwatch: ${error.message} [${error.code}]`);
    return false;
  }
}

interface Parts {
  readonly ranges: readonly FileRange[];
  readonly parts: readonly AnalysedFile[];
  readonly context: Context;
}

function resultOf(file: string, { ranges, parts, context }: Parts): SegmentResult {
  const sum = (of: (part: AnalysedFile) => number): number =>
    parts.reduce((total, part) => total + of(part), 0);
  const frames = parts.flatMap(({ analysis }, index) =>
    analysis.frames.map(
      (frame): SampledFrame => ({
        ...frame,
        atSeconds: Math.round((frame.atSeconds + ranges[index]!.fromSeconds) * 1000) / 1000,
      }),
    ),
  );
  const partialReason = parts.map(({ analysis }) => analysis.partialReason).find(Boolean);
  return {
    file,
    startedAt: null,
    tier: context.options.tier,
    lane: 'cpu',
    model: parts[0]!.model,
    analysisId: context.analysisId,
    status: partialReason ? 'partial' : 'done',
    ...(partialReason ? { partialReason } : {}),
    framesSampled: frames.length,
    framesDecoded: sum(({ analysis }) => analysis.framesDecoded),
    framesInferred: sum(({ analysis }) => analysis.framesInferred),
    packetGate: parts[0]!.analysis.packetGate,
    frames,
    usage: {
      cpuSeconds: sum((part) => part.cpuSeconds),
      wallSeconds: sum((part) => part.wallSeconds),
      footageSeconds: sum((part) => part.video.durationSeconds),
      bytesRead: parts[0]!.bytesRead,
      rowsWritten: 0,
      snapshotsWritten: 0,
      snapshotBytes: 0,
      gpuMs: 0,
    },
  };
}

function printHuman(
  file: string,
  { result, parts, ranges, context }: Parts & { result: SegmentResult },
): void {
  const items = parts.map((part, index) => itemOf(file, part, ranges[index]!));
  const events = stitchEvents(items, {
    quietGapSeconds: context.options.quietGap,
    stationaryAfterMinutes: 10,
    analysis: context.settings,
  });
  const { usage } = result;
  console.log(`${basename(file)}: ${events.length} events in ${clock(usage.footageSeconds)}`);
  for (const event of events) {
    const [from, to] = [event.startedAt, event.endedAt].map((at) => clock(Date.parse(at) / 1000));
    const kind = event.isStationary ? ' stationary' : '';
    console.log(
      `  ${event.className.padEnd(10)} ${from} to ${to}  peak ${event.peakCount}  best confidence ${event.bestConfidence.toFixed(2)}${kind}`,
    );
  }
  const perHour = (usage.cpuSeconds / usage.footageSeconds) * 3600;
  console.log(
    `  sampled ${result.framesSampled}, decoded ${result.framesDecoded}, inferred ${result.framesInferred} frames; ${usage.cpuSeconds.toFixed(2)} CPU s, ${perHour.toFixed(0)} CPU s an hour of footage${result.partialReason ? `; partial: ${result.partialReason}` : ''}`,
  );
}

/** A range as the item it would be, so that `detect` and `start` stitch by the same rule. */
function itemOf(
  file: string,
  part: AnalysedFile,
  { fromSeconds, toSeconds }: FileRange,
): EventItem {
  const at = (seconds: number): string =>
    new Date(Date.parse(EPOCH) + Math.round(seconds * 1000)).toISOString();
  return {
    segmentKey: file,
    objectVersion: '',
    range: `${fromSeconds}-${toSeconds}`,
    camera: 'detect/file',
    startedAt: at(fromSeconds),
    endedAt: at(toSeconds),
    presences: part.presences,
  };
}

/** Seconds as h:mm:ss. */
function clock(seconds: number): string {
  const whole = Math.round(seconds);
  const pad = (value: number): string => String(value).padStart(2, '0');
  return `${Math.floor(whole / 3600)}:${pad(Math.floor(whole / 60) % 60)}:${pad(whole % 60)}`;
}
