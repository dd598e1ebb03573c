import type { Command } from 'commander';
import { ModelDataError } from '../../model-build/errors';
import { withVideoFrames } from '../../model-build/python-commands';
import { guarded } from '../exit';
import { positiveNumber, wholeNumber } from '../options';
import { Progress } from '../start/progress';
import { registerEvaluate, registerHalf, registerQuantise } from './model-quantise';
import { flag, runVerb, verb } from './python-verb';

interface LabelOptions {
  readonly teacher: string;
  readonly out: string;
  readonly every: number;
  readonly confidence: number;
}

/** `tierwatch model quantise|half|evaluate|label|train|export|card|int8-speed`: what Python does. */
export function registerPythonVerbs(model: Command): void {
  registerQuantise(model);
  registerHalf(model);
  registerEvaluate(model);
  registerLabel(model);
  registerTraining(model);
  verb(model, 'card', "MODEL_CARD.md from a bundle's manifest and reports")
    .argument('<dir>', 'bundle; a NOTES.md in it is taken into the card')
    .option('--out <file>', 'the card', undefined)
    .action(
      guarded(async (folder: string, { out }: { out?: string }) => {
        await runVerb('card', [folder, ...flag('--out', out)]);
      }),
    );
  verb(model, 'int8-speed', 'INT8 against FP32 on YOLOX graphs of several sizes, random weights')
    .option('--sizes <names>', 'nano, tiny, s, m, l by comma', 'nano,tiny,s,m')
    .option('--input <size>', 'HEIGHTxWIDTH in px', '256x416')
    .option('--rounds <count>', 'of which the median counts', wholeNumber, 7)
    .action(
      guarded(async (options: { sizes: string; input: string; rounds: number }) => {
        await runVerb('int8-speed', [
          ...flag('--sizes', options.sizes),
          ...flag('--input', options.input),
          ...flag('--rounds', options.rounds),
        ]);
      }),
    );
}

function registerLabel(model: Command): void {
  verb(model, 'label', "a teacher bundle's answers as labels, consistent over time")
    .argument('<video...>', 'footage')
    .requiredOption('--teacher <dir>', 'bundle')
    .requiredOption('--out <file>', "COCO's JSON; the pictures go into images/ beside it")
    .option('--every <seconds>', 'time between two pictures (s)', positiveNumber, 0.5)
    .option('--confidence <ratio>', 'of a sure answer, 0-1', positiveNumber, 0.4)
    .action(
      guarded(async (videos: string[], options: LabelOptions) => {
        if (!options.out.endsWith('.json')) {
          throw new ModelDataError(
            `"--out ${options.out}": expected a .json file, such as labels/annotations.json`,
          );
        }
        const progress = new Progress();
        const onProgress = (line: string): void => progress.show(line);
        await withVideoFrames(
          videos,
          { everySeconds: options.every, onProgress },
          async (folders) => {
            progress.clear();
            await runVerb('label', [
              ...folders.flatMap((one) => flag('--frames', one)),
              ...flag('--teacher', options.teacher),
              ...flag('--out', options.out),
              ...flag('--confidence', options.confidence),
            ]);
          },
        );
      }),
    );
}

function registerTraining(model: Command): void {
  verb(model, 'train', 'the small student, on CPU or CUDA')
    .requiredOption('--config <file>', 'YAML; model-build/training/default.yaml shows every key')
    .option('--out <dir>', 'checkpoints; .cache/training/NAME OF THE CONFIG if left out')
    .option('--resume', 'go on from the last checkpoint', false)
    .option('--minutes <minutes>', 'stop after this long (min)', positiveNumber)
    .action(
      guarded(
        async (options: { config: string; out?: string; resume: boolean; minutes?: number }) => {
          await runVerb('train', [
            ...flag('--config', options.config),
            ...flag('--out', options.out),
            ...flag('--minutes', options.minutes),
            ...(options.resume ? ['--resume'] : []),
          ]);
        },
      ),
    );
  registerExport(model);
}

/** Options of export that Python is handed as they are, with what they mean and what counts where they are left out. */
const EXPORT_OPTIONS = {
  checkpoint: ['<file>', 'checkpoint.pt of train'],
  data: ['<dir>', 'calibration and check pictures: images/ and annotations.json'],
  out: ['<dir>', 'folder of the bundle'],
  input: ['<size>', 'HEIGHTxWIDTH in px', '192x320'],
  name: ['<name>', 'of the bundle', 'tierwatch-demo'],
  version: ['<version>', 'of the bundle', '3'],
  grade: ['<grade>', 'demo: trained on drawn scenes, not for cameras; or production', 'demo'],
  licence: ['<name>', 'of the weights; a teacher’s may bind them', 'MIT'],
  source: ['<url>', 'how they were made', 'model-build/training/default.yaml'],
  sure: ['<confidence>', 'network’s own (0-1) that the bundle tells as 0.4', '0.4'],
  iou: ['<ratio>', 'boxes of a class that overlap more are one thing, 0-1', '0.4'],
} as const;

function registerExport(model: Command): void {
  const command = verb(model, 'export', 'a checkpoint of train as a bundle, FP32 and INT8');
  for (const [name, [value, means, unless]] of Object.entries(EXPORT_OPTIONS)) {
    if (unless === undefined) command.requiredOption(`--${name} ${value}`, means);
    else command.option(`--${name} ${value}`, means, unless);
  }
  command.action(
    guarded(async (options: Record<keyof typeof EXPORT_OPTIONS, string>) => {
      await runVerb(
        'export',
        Object.entries(options).flatMap(([name, value]) => flag(`--${name}`, value)),
      );
    }),
  );
}
