import type { Command } from 'commander';
import { ModelImportError } from '../../model-build/errors';
import { writeDemo } from '../../model-build/simulator/demo';
import { writeFrames } from '../../model-build/simulator/frames';
import { guarded } from '../exit';

/** `tierwatch model simulate …`: scenes with known truth. */
export function registerSimulatorCommands(model: Command): void {
  const simulate = model.command('simulate').description('draw camera scenes with known truth');
  simulate
    .command('frames')
    .description("training pictures and annotations.json in COCO's format")
    .requiredOption('--out <dir>', 'folder')
    .option('--count <pictures>', 'how many', Number, 1000)
    .option('--seed <number>', 'the same seed draws the same pictures', Number, 1)
    .option('--size <size>', 'WIDTHxHEIGHT in px', '416x256')
    .action(
      guarded(async (options: { out: string; count: number; seed: number; size: string }) => {
        const size = /^(\d{2,4})x(\d{2,4})$/.exec(options.size);
        if (!size)
          throw new ModelImportError(
            'bad-input-shape',
            `"--size ${options.size}": expected WIDTHxHEIGHT, such as 416x256`,
          );
        await writeFrames({
          out: options.out,
          count: options.count,
          seed: options.seed,
          widthPx: Number(size[1]),
          heightPx: Number(size[2]),
          onProgress: (done) => {
            if (done % 500 === 0) console.error(`${done} of ${options.count} pictures`);
          },
        });
      }),
    );
  simulate
    .command('demo')
    .description("the demo fleet's footage and truth.json")
    .option('--out <dir>', 'folder', 'demo')
    .action(
      guarded(async ({ out }: { out: string }) => writeDemo(out, (key) => console.error(key))),
    );
}
