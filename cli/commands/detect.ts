import type { Command } from 'commander';
import { readBundle } from '../../adapters/onnx/bundle';
import { WorkerPool } from '../../adapters/worker/pool';
import { analysisIdOf } from '../../core/analysis-id';
import { analysisRanges } from '../../core/analysis-ranges';
import type { AnalysisSettings } from '../../core/camera-settings';
import { TierwatchError } from '../../core/errors';
import { parseFleet } from '../../core/fleet/parse';
import { resolveCamera } from '../../core/fleet/resolve';
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
import { Progress } from '../start/progress';
import { clock, describeResult, EPOCH, resultOf } from './detect-result';

interface DetectOptions {
  readonly model: string;
  readonly tier: string;
  readonly every?: number;
  readonly minConfidence?: number;
  readonly workers: number;
  readonly quietGap?: number;
  readonly json?: true;
}

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
    .option(
      '--quiet-gap <seconds>',
      'an event closes after this quiet gap; default: two samples, at least 2 (start: 10)',
      positiveNumber,
    )
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
    progress: new DetectProgress(),
  };
  try {
    const outcomes = await Promise.all(files.map((file) => detectFile(file, context)));
    if (outcomes.includes(false)) process.exitCode = EXIT.someRejected;
  } finally {
    context.progress.clear();
    context.pool.close();
  }
}

interface Context {
  readonly options: DetectOptions;
  readonly settings: AnalysisSettings;
  readonly analysisId: string;
  readonly pool: WorkerPool;
  readonly progress: DetectProgress;
}

/** How much of the files is analysed. */
class DetectProgress extends Progress {
  private doneSeconds = 0;
  private allSeconds = 0;

  add(seconds: number): void {
    this.allSeconds += seconds;
  }

  note(seconds: number): void {
    this.doneSeconds += seconds;
    this.show(`${clock(this.doneSeconds)} of ${clock(this.allSeconds)} analysed`);
  }
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
  const { options, settings, analysisId, pool, progress } = context;
  try {
    // In a child too: a file that crashes native code takes only itself.
    const { durationSeconds } = await pool.probe({ file });
    progress.add(durationSeconds);
    const ranges = analysisRanges(durationSeconds);
    const parts = await Promise.all(
      ranges.map(async (range) => {
        const part = await pool.analyse({
          file,
          modelFolder: options.model,
          settings,
          floor: null,
          range: ranges.length === 1 ? null : range,
          startedAt: new Date(Date.parse(EPOCH) + range.fromSeconds * 1000).toISOString(),
          wantsSnapshots: false,
        });
        progress.note(part.video.durationSeconds);
        return part;
      }),
    );
    const result = resultOf(file, { ranges, parts, tier: options.tier, analysisId });
    progress.clear();
    const eventSettings = {
      quietGapSeconds: options.quietGap ?? Math.max(2, 2 * settings.sampleIntervalSeconds),
      stationaryAfterMinutes: 10,
      analysis: settings,
    };
    const lines = options.json
      ? [JSON.stringify(result)]
      : describeResult(file, { result, parts, ranges, settings: eventSettings });
    for (const line of lines) console.log(line);
    return true;
  } catch (error) {
    if (!(error instanceof TierwatchError)) throw error;
    progress.clear();
    console.error(`tierwatch: ${error.message} [${error.code}]`);
    return false;
  }
}
