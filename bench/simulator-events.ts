import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { OnnxDetector } from '../adapters/onnx/onnx-detector';
import { type Clip, framesOf } from '../model-build/simulator/clips';
import { encodeFrames } from '../model-build/simulator/encode';
import { clipOf, SCRIPTS } from '../model-build/simulator/scripts';
import { type EventTally, sumTallies, tallyClip } from './event-tally';
import { landClip } from './landed-clip';
import { describeMachine, printMachine } from './machine';
import { crossFittedFloors, runTier } from './run-tier';

const TIERS = ['exhaustive', 'steady'] as const;
/** Between two scenes of a script: actors of a later minute take seeds of their own. */
const SEEDS_APART = 10_007;
const PICTURE = { widthPx: 640, heightPx: 360, fps: 2 } as const;

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
  const totals = new Map<string, EventTally[]>();
  for (const script of Object.keys(SCRIPTS).filter((name) => name.includes(values.only))) {
    const tallies = new Map<string, EventTally[]>(TIERS.map((tier) => [tier, []]));
    for (let scene = 0; scene < scenes; scene++) {
      const request = { ...PICTURE, seed: seed + scene * SEEDS_APART, seconds: minutes * 60 };
      for (const [tier, tally] of await measure(clipOf(script, request), detector))
        tallies.get(tier)!.push(tally);
    }
    for (const [tier, all] of tallies) {
      print(script, tier, sumTallies(all));
      totals.set(tier, [...(totals.get(tier) ?? []), ...all]);
    }
  }
  for (const [tier, tallies] of totals) print('all', tier, sumTallies(tallies));
}

async function measure(clip: Clip, detector: OnnxDetector): Promise<Map<string, EventTally>> {
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
      const tallies = new Map<string, EventTally>();
      for (const tier of TIERS) {
        const outcome = await runTier(landed.segments, tier, { detector, floors });
        tallies.set(tier, tallyClip(clip, outcome));
      }
      return tallies;
    } finally {
      landed.remove();
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function print(script: string, tier: string, tally: EventTally): void {
  const { events, found, falseEvents, pieces, samples, overcounts, seconds } = tally;
  const share = events === 0 ? '' : ` (${((100 * found) / events).toFixed(1)} %)`;
  console.log(
    [
      `${script.padEnd(14)} ${tier.padEnd(11)} found ${`${found} of ${events}${share}`.padEnd(22)}`,
      `false ${falseEvents} in ${(seconds / 60).toFixed(0)} min, ${pieces} in pieces;`,
      `too many counted in ${overcounts} of ${samples} samples`,
    ].join(' '),
  );
}
