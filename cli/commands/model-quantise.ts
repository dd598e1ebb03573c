import { basename, join } from 'node:path';
import { type Command, Option } from 'commander';
import { benchmarkBundle } from '../../model-build/benchmark';
import { applyChoice } from '../../model-build/choice';
import { withVideoFrames } from '../../model-build/python-commands';
import { guarded } from '../exit';
import { positiveNumber, wholeNumber } from '../options';
import { Progress } from '../start/progress';
import { flag, runVerb, verb } from './python-verb';

interface QuantiseOptions {
  readonly calibration: string[];
  readonly pictures: number;
  readonly seed: number;
  readonly keepFloat: string[];
  readonly sensitivity: 'auto' | 'off';
  readonly reduceRange: boolean;
  readonly data?: string;
  readonly classes?: string;
  readonly benchmark: boolean;
}

interface HalfOptions {
  readonly pictures: string[];
  readonly data?: string;
  readonly classes?: string;
}

interface EvaluateOptions {
  readonly data: string;
  readonly images?: string;
  readonly classes?: string;
  readonly confidence: number;
  readonly dataSet?: string;
  readonly seed: number;
  readonly bootstrap: number;
  readonly calibrated: boolean;
  readonly record: boolean;
  readonly out: string;
}

/** `tierwatch model quantise` */
export function registerQuantise(model: Command): void {
  verb(model, 'quantise', 'add an INT8 variant to a bundle; it is chosen only where it wins')
    .argument('<dir>', 'bundle')
    .requiredOption(
      '--calibration <path...>',
      'folders of pictures or videos of the cameras; frames are spread over a video',
    )
    .option('--pictures <count>', 'taken from each path, at most', wholeNumber, 64)
    .option('--seed <number>', 'of the choice among the pictures of a folder', wholeNumber, 1)
    .option('--keep-float <pattern...>', 'nodes to leave in float: names with * and ?', [])
    .addOption(
      new Option('--sensitivity <mode>', 'auto leaves in float what alone disturbs the answers')
        .choices(['auto', 'off'])
        .default('auto'),
    )
    .option('--no-reduce-range', '8-bit weights, for fleets whose CPUs all have VNNI')
    .option('--data <path>', 'labelled pictures: evaluates at once, so that INT8 can be chosen')
    .option('--classes <names>', 'to evaluate, such as person,vehicle')
    .option('--no-benchmark', 'leave the timing to "model benchmark"')
    .action(
      guarded(async (folder: string, options: QuantiseOptions) => {
        if (!(await quantise(folder, options))) return;
        if (options.benchmark) await benchmark(folder);
        const { data, classes } = options;
        if (data && !(await evaluateOne(folder, { data, classes }))) return;
        report(folder);
      }),
    );
}

/** `tierwatch model half` */
export function registerHalf(model: Command): void {
  verb(model, 'half', 'add an FP16 variant to a bundle; GPUs take it once its accuracy is recorded')
    .argument('<dir>', 'bundle')
    .option(
      '--pictures <dir...>',
      'to compare the answers on; the bundle’s check pictures if left out',
      [],
    )
    .option('--data <path>', 'labelled pictures: evaluates at once, so that FP16 can be taken')
    .option('--classes <names>', 'to evaluate, such as person,vehicle')
    .action(
      guarded(async (folder: string, { pictures, data, classes }: HalfOptions) => {
        const asked = [folder, ...pictures.flatMap((one) => flag('--pictures', one))];
        if (!(await runVerb('half', asked))) return;
        if (data && !(await evaluateOne(folder, { data, classes }))) return;
        report(folder);
      }),
    );
}

/** `tierwatch model evaluate` */
export function registerEvaluate(model: Command): void {
  verb(model, 'evaluate', 'accuracy and speed of bundles side by side, as HTML and JSON')
    .argument('<dir...>', 'bundles')
    .requiredOption('--data <path>', "COCO's JSON, or a folder with annotations.json and images/")
    .option('--images <dir>', 'pictures, where they are not beside the labels')
    .option(
      '--classes <names>',
      'person,vehicle, or NAME=a+b for classes of your own; all that a bundle and the labels share if left out',
    )
    .option('--confidence <ratio>', 'in use, 0-1: for recall and false alarms', positiveNumber, 0.4)
    .option('--data-set <name>', 'name in the report and the manifest; the folder if left out')
    .option('--seed <number>', 'of the bootstrap', wholeNumber, 1)
    .option('--bootstrap <count>', 'samples behind each interval', wholeNumber, 1000)
    .option('--calibrated', 'also use pictures that INT8 was calibrated with', false)
    .option('--record', 'write AP50 into the manifests, and who may be chosen', false)
    .option('--out <file>', 'report; the JSON lies beside it', 'report.html')
    .action(
      guarded(async (folders: string[], options: EvaluateOptions) => {
        const isDone = await runVerb('evaluate', [
          ...folders,
          ...flag('--data', options.data),
          ...flag('--images', options.images),
          ...flag('--classes', options.classes),
          ...flag('--confidence', options.confidence),
          ...flag('--data-set', options.dataSet),
          ...flag('--seed', options.seed),
          ...flag('--bootstrap', options.bootstrap),
          ...flag('--out', options.out),
          ...(options.calibrated ? ['--calibrated'] : []),
          ...(options.record ? ['--record'] : []),
        ]);
        if (isDone && options.record) for (const folder of folders) report(folder);
      }),
    );
}

async function quantise(folder: string, options: QuantiseOptions): Promise<boolean> {
  const progress = new Progress();
  let isDone = false;
  await withVideoFrames(
    options.calibration,
    { everySeconds: 1, most: options.pictures, onProgress: (line) => progress.show(line) },
    async (folders) => {
      progress.clear();
      isDone = await runVerb('quantise', [
        folder,
        ...folders.flatMap((one) => flag('--calibration', one)),
        ...options.calibration.flatMap((one) => flag('--named', basename(one))),
        ...flag('--pictures', options.pictures),
        ...flag('--seed', options.seed),
        ...options.keepFloat.flatMap((one) => flag('--keep-float', one)),
        ...flag('--sensitivity', options.sensitivity),
        ...(options.reduceRange ? [] : ['--no-reduce-range']),
      ]);
    },
  );
  return isDone;
}

function evaluateOne(
  folder: string,
  { data, classes }: { data: string; classes: string | undefined },
): Promise<boolean> {
  return runVerb('evaluate', [
    folder,
    ...flag('--data', data),
    ...flag('--classes', classes),
    ...flag('--out', join(folder, 'reports', 'evaluate.html')),
    '--record',
  ]);
}

async function benchmark(folder: string): Promise<void> {
  const progress = new Progress();
  await benchmarkBundle({
    folder,
    threads: 1,
    batches: [1, 4],
    rounds: 15,
    measuredAt: new Date(),
    onProgress: (line) => progress.show(line),
  });
  progress.clear();
}

/** Writes the rule of choice from what is measured, and says in one line a variant why. */
function report(folder: string): void {
  for (const line of applyChoice(folder)) console.log(`${folder}: ${line}`);
}
