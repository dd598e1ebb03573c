import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { OnnxDetector } from '../adapters/onnx/onnx-detector';
import { openSegmentVideo } from '../adapters/video/segment-video';
import { compareEvents, compareFrames } from '../core/compare-events';
import { priceEc2, priceTier } from '../core/price-book';
import { US_EAST_1 } from '../core/prices/us-east-1';
import { bareKeyframes, todaysWay } from './bare';
import { type LandedClip, landClip, SEGMENT_SECONDS } from './landed-clip';
import { cpuSecondsOf, describeMachine, median, printMachine } from './machine';
import { crossFittedFloors, runTier, type TierOutcome } from './run-tier';

const TIERS = ['exhaustive', 'high', 'steady', 'low'] as const;
/** What today's way is priced on, 60 % of its paid vCPU time used. */
const EC2_INSTANCE = 'c6i.large';
const HELP = `npm run bench -- road --footage DIR --model DIR [--today DIR] [--only NAME] [--rounds N] [--json]
CPU seconds of the road's tiers beside the customer's way (a) and the bare limit (c), in one run, interleaved, one thread,
over segments of ${SEGMENT_SECONDS} s as they land.
  --today   bundle with the square graph of (a); default: --model
  --only    clips whose name holds this text
  --rounds  repetitions, of which the median counts; default 3`;

interface Row {
  readonly footage: string;
  readonly tier: string;
  readonly cpuSecondsPerHour: number;
  readonly ratioToToday: number;
  /** CPU of the road over bare demux, decode and inference of the same frames; exhaustive on keyframes only. */
  readonly ratioToLimit: number | null;
  readonly framesDecoded: number;
  readonly framesInferred: number;
  readonly eventsKeptRatio: number;
  readonly secondsSameRatio: number;
  readonly missedSeconds: readonly number[];
  readonly peakMemoryBytes: number;
}

export async function run(values: string[]): Promise<void> {
  const { values: options } = parseArgs({
    args: values,
    options: {
      footage: { type: 'string' },
      model: { type: 'string' },
      today: { type: 'string' },
      only: { type: 'string', default: '' },
      rounds: { type: 'string', default: '3' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (options.help || !options.footage || !options.model) {
    console.error(HELP);
    process.exitCode = options.help ? 0 : 2;
    return;
  }
  const detector = await OnnxDetector.load(options.model);
  const today = await OnnxDetector.load(options.today ?? options.model, { maxBatch: 1 });
  const files = readdirSync(options.footage)
    .filter((name) => name.endsWith('.mp4') && name.includes(options.only))
    .sort()
    .map((name) => join(options.footage!, name));
  const rows: Row[] = [];
  const machine = describeMachine();
  if (!options.json) printMachine(machine);
  for (const file of files) {
    const clip = landClip(file);
    const found = await measureClip(basename(file, '.mp4'), clip, {
      detector,
      today,
      rounds: Number(options.rounds),
    });
    clip.remove();
    rows.push(...found);
    if (!options.json) printClip(found);
  }
  if (options.json) console.log(JSON.stringify({ machine, rows }));
}

interface ClipContext {
  readonly detector: OnnxDetector;
  readonly today: OnnxDetector;
  readonly rounds: number;
}

async function measureClip(
  footage: string,
  { segments, widthPx, heightPx, durationSeconds }: LandedClip,
  { detector, today, rounds }: ClipContext,
): Promise<Row[]> {
  const square = today.inputFor(widthPx, heightPx, '416x416');
  const input = detector.inputFor(widthPx, heightPx, 'auto');
  await Promise.all([today.warm(square), detector.warm(input)]);
  const floors = await crossFittedFloors(segments, detector);
  const costs = new Map<string, number[]>();
  const note = (name: string, seconds: number): void => {
    costs.set(name, [...(costs.get(name) ?? []), seconds]);
  };
  const outcomes = new Map<string, TierOutcome>();
  const keyframes = segments.map(({ file }) => keyframeTicks(file));
  const hasLimit = keyframes.every((ticks) => ticks !== null);
  let todayFrames = { framesDecoded: 0, framesInferred: 0 };
  for (let round = 0; round < rounds; round++) {
    note(
      'today',
      await cpuSecondsOf(async () => {
        todayFrames = { framesDecoded: 0, framesInferred: 0 };
        for (const { file } of segments) {
          const { framesDecoded, framesInferred } = await todaysWay(file, today, square);
          todayFrames.framesDecoded += framesDecoded;
          todayFrames.framesInferred += framesInferred;
        }
      }),
    );
    for (const tier of TIERS) {
      note(
        tier,
        await cpuSecondsOf(async () => {
          outcomes.set(tier, await runTier(segments, tier, { detector, floors }));
        }),
      );
    }
    if (hasLimit)
      note(
        'limit',
        await cpuSecondsOf(async () => {
          for (const [index, { file }] of segments.entries()) {
            await bareKeyframes(file, keyframes[index]!, detector, input);
          }
        }),
      );
  }
  const cost = (name: string): number => median(costs.get(name)!);
  const reference = outcomes.get('exhaustive')!;
  const perHour = (seconds: number): number => (seconds / durationSeconds) * 3600;
  const peakMemoryBytes = process.resourceUsage().maxRSS * 1024;
  const rows = TIERS.map((tier): Row => {
    const outcome = outcomes.get(tier)!;
    const seconds = compareFrames(reference.frames, outcome.frames);
    return {
      footage,
      tier,
      cpuSecondsPerHour: perHour(cost(tier)),
      ratioToToday: cost('today') / cost(tier),
      ratioToLimit: tier === 'exhaustive' && hasLimit ? cost(tier) / cost('limit') : null,
      framesDecoded: outcome.framesDecoded,
      framesInferred: outcome.framesInferred,
      eventsKeptRatio: compareEvents(reference.events, outcome.events).keptRatio,
      secondsSameRatio: seconds.secondsSameRatio,
      missedSeconds: seconds.differing,
      peakMemoryBytes,
    };
  });
  const first: Row = {
    footage,
    tier: 'today (a)',
    cpuSecondsPerHour: perHour(cost('today')),
    ratioToToday: 1,
    ratioToLimit: null,
    ...todayFrames,
    eventsKeptRatio: 1,
    secondsSameRatio: 1,
    missedSeconds: [],
    peakMemoryBytes,
  };
  return [first, ...rows];
}

/** Times of the samples where the keyframe interval allows a second's sampling on keyframes alone, else null. */
function keyframeTicks(file: string): ReadonlySet<bigint> | null {
  const video = openSegmentVideo(file);
  const { packets, durationSeconds } = video.facts;
  video.close();
  const keyframes = packets.filter((packet) => packet.isKeyframe) as readonly { ticks?: bigint }[];
  if (keyframes.length < durationSeconds - 1) return null;
  return new Set(keyframes.map(({ ticks }) => ticks!));
}

/** Dollars a camera-month of compute, were every hour like the clip: EC2 for today's way, Lambda for a tier. */
function computeUsd(row: Row): number {
  const usage = {
    cpuSeconds: row.cpuSecondsPerHour,
    bytesRead: 0,
    rowsWritten: 0,
    snapshotsWritten: 0,
    snapshotBytes: 0,
  };
  const cost =
    row.tier === 'today (a)'
      ? priceEc2(
          usage,
          {
            segmentSeconds: SEGMENT_SECONDS,
            instance: EC2_INSTANCE,
            utilisationRatio: 0.6,
            keepDays: 0,
          },
          US_EAST_1,
        )
      : priceTier(
          usage,
          {
            segmentSeconds: SEGMENT_SECONDS,
            architecture: 'arm64',
            memoryMb: 1769,
            keptRatio: 0,
            quietDays: 0,
            eventDays: 0,
            cameras: 1000,
          },
          US_EAST_1,
        );
  return cost.lines.find(({ name }) => name === 'compute')!.usdPerMonth;
}

function printClip(rows: readonly Row[]): void {
  console.log(
    `\n${rows[0]!.footage}\n  tier        CPU s/h   x today  x limit  decoded inferred  events  seconds same  compute`,
  );
  for (const row of rows) {
    const missed =
      row.missedSeconds.length > 0
        ? `  differ at ${row.missedSeconds.slice(0, 12).join(' ')}${row.missedSeconds.length > 12 ? ' …' : ''} s`
        : '';
    console.log(
      `  ${row.tier.padEnd(10)} ${row.cpuSecondsPerHour.toFixed(1).padStart(8)} ${row.ratioToToday.toFixed(2).padStart(9)} ${(row.ratioToLimit?.toFixed(2) ?? '-').padStart(8)} ${String(row.framesDecoded).padStart(8)} ${String(row.framesInferred).padStart(8)} ${(row.eventsKeptRatio * 100).toFixed(0).padStart(6)}% ${(row.secondsSameRatio * 100).toFixed(1).padStart(9)}%  $${computeUsd(row).toFixed(2).padStart(6)}${missed}`,
    );
  }
}
