import type { Command } from 'commander';
import { ModelDataError } from '../../model-build/errors';
import { withVideoFrames } from '../../model-build/python-commands';
import { guarded } from '../exit';
import { positiveNumber, wholeNumber } from '../options';
import { Progress } from '../start/progress';
import { registerEvaluate, registerQuantise } from './model-quantise';
import { flag, runVerb, verb } from './python-verb';

interface LabelOptions {
  readonly teacher: string;
  readonly out: string;
  readonly every: number;
  readonly confidence: number;
}

/** `tierwatch model quantise|evaluate|label|train|export|card|int8-speed`: what Python does. */
export function registerPythonVerbs(model: Command): void {
  registerQuantise(model);
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
  verb(model, 'export', 'a checkpoint of train as a bundle, FP32 and INT8')
    .requiredOption('--checkpoint <file>', 'checkpoint.pt of train')
    .requiredOption('--data <dir>', 'calibration and check pictures: images/ and annotations.json')
    .option('--input <size>', 'HEIGHTxWIDTH in px', '192x320')
    .option('--name <name>', 'of the bundle', 'tierwatch-demo')
    .option('--sure <confidence>', 'network’s own (0-1) that the bundle tells as 0.4', '0.4')
    .option('--iou <ratio>', 'boxes of a class that overlap more are one thing, 0-1', '0.4')
    .requiredOption('--out <dir>', 'folder of the bundle')
    .action(
      guarded(
        async (options: {
          checkpoint: string;
          data: string;
          input: string;
          name: string;
          sure: string;
          iou: string;
          out: string;
        }) => {
          await runVerb('export', [
            ...flag('--checkpoint', options.checkpoint),
            ...flag('--data', options.data),
            ...flag('--input', options.input),
            ...flag('--name', options.name),
            ...flag('--sure', options.sure),
            ...flag('--iou', options.iou),
            ...flag('--out', options.out),
          ]);
        },
      ),
    );
}
