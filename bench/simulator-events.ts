import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { OnnxDetector } from '../adapters/onnx/onnx-detector';
import { compareEvents } from '../core/compare-events';
import { type Clip, framesOf } from '../model-build/simulator/clips';
import { encodeFrames } from '../model-build/simulator/encode';
import { clipOf, expectedEvents, SCRIPTS } from '../model-build/simulator/scripts';
import { landClip } from './landed-clip';
import { describeMachine, printMachine } from './machine';
import { crossFittedFloors, QUIET_GAP_SECONDS, runTier } from './run-tier';

const TIERS = ['exhaustive', 'steady'] as const;
/** The zone that always is: these cameras have no other. */
const WHOLE = 'frame';
/** Between two scenes of a script: actors of a later minute take seeds of their own. */
const SEEDS_APART = 10_007;
const PICTURE = { widthPx: 640, heightPx: 360, fps: 2 } as const;

interface Tally {
  readonly events: number;
  readonly found: number;
  /** Overlap no event of the truth. */
  readonly falseEvents: number;
  /** Pieces of one event of the truth that came apart, beyond the first. */
  readonly pieces: number;
  readonly hours: number;
}

/**
 * What a model makes of hours of simulated footage: events of the truth that an event of their class overlaps, and
 * events that overlap none. Each scene is landed in segments of a minute and worked by the road's tiers.
 */
export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      model: { type: 'string', default: 'model-build/default' },
      scenes: { type: 'string', default: '6' },
      minutes: { type: 'string', default: '5' },
      seed: { type: 'string', default: '2027' },
      only: { type: 'string', default: '' },
    },
  });
  const detector = await OnnxDetector.load(values.model);
  const [scenes, minutes, seed] = [values.scenes, values.minutes, values.seed].map(Number) as [
    number,
    number,
    number,
  ];
  printMachine(describeMachine());
  console.log(
    `${scenes} scenes of ${minutes} minutes by each script, ${PICTURE.widthPx}x${PICTURE.heightPx}, seeds from ${seed} on; ${values.model} ${detector.variant}`,
  );
  const totals = new Map<string, Tally[]>();
  for (const script of Object.keys(SCRIPTS).filter((name) => name.includes(values.only))) {
    const tallies = new Map<string, Tally[]>(TIERS.map((tier) => [tier, []]));
    for (let scene = 0; scene < scenes; scene++) {
      const request = { ...PICTURE, seed: seed + scene * SEEDS_APART, seconds: minutes * 60 };
      for (const [tier, tally] of await measure(clipOf(script, request), detector))
        tallies.get(tier)!.push(tally);
    }
    for (const [tier, all] of tallies) {
      print(script, tier, sumOf(all));
      totals.set(tier, [...(totals.get(tier) ?? []), ...all]);
    }
  }
  for (const [tier, tallies] of totals) print('all', tier, sumOf(tallies));
}

async function measure(clip: Clip, detector: OnnxDetector): Promise<Map<string, Tally>> {
  const folder = mkdtempSync(join(tmpdir(), 'tierwatch-bench-simulator-'));
  const file = join(folder, 'clip.mp4');
  try {
    await encodeFrames(framesOf(clip), {
      ...{ file, ...PICTURE },
      keyframeInterval: PICTURE.fps,
      rate: { crf: 28 },
    });
    const landed = landClip(file);
    try {
      const floors = await crossFittedFloors(landed.segments, detector);
      const tallies = new Map<string, Tally>();
      for (const tier of TIERS) {
        const { events } = await runTier(landed.segments, tier, { detector, floors });
        tallies.set(tier, tallyOf(clip, events));
      }
      return tallies;
    } finally {
      landed.remove();
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function tallyOf(clip: Clip, events: Awaited<ReturnType<typeof runTier>>['events']): Tally {
  const at = (seconds: number): string => new Date(seconds * 1000).toISOString();
  const truth = expectedEvents(clip, QUIET_GAP_SECONDS).map((event) => ({
    className: event.className,
    zone: WHOLE,
    startedAt: at(event.fromSeconds),
    endedAt: at(event.toSeconds),
  }));
  const spans = events.map(({ className, startedAt, endedAt }) => ({
    ...{ className, zone: WHOLE, startedAt, endedAt },
  }));
  const { lost, gained } = compareEvents(truth, spans);
  const found = truth.length - lost.length;
  return {
    ...{ events: truth.length, found, falseEvents: gained.length },
    pieces: Math.max(0, spans.length - gained.length - found),
    hours: clip.seconds / 3600,
  };
}

function sumOf(tallies: readonly Tally[]): Tally {
  const sum = (of: (one: Tally) => number): number =>
    tallies.reduce((total, one) => total + of(one), 0);
  return {
    events: sum((one) => one.events),
    found: sum((one) => one.found),
    falseEvents: sum((one) => one.falseEvents),
    pieces: sum((one) => one.pieces),
    hours: sum((one) => one.hours),
  };
}

function print(script: string, tier: string, tally: Tally): void {
  const { events, found, falseEvents, pieces, hours } = tally;
  const share = events === 0 ? '' : ` (${((100 * found) / events).toFixed(1)} %)`;
  console.log(
    `${script.padEnd(14)} ${tier.padEnd(11)} found ${`${found} of ${events}${share}`.padEnd(22)} false ${falseEvents} in ${hours.toFixed(2)} h (${(falseEvents / hours).toFixed(1)} an hour), ${pieces} in pieces`,
  );
}
