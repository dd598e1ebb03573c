import { join } from 'node:path';
import type { Command } from 'commander';
import { ModelImportError } from '../../model-build/errors';
import { getModel } from '../../model-build/get';
import { ROAD_CLASSES } from '../../model-build/import/class-names';
import { FAMILY_NAMES } from '../../model-build/import/families';
import { importModel } from '../../model-build/import/import-model';
import { PIXEL_FORMS } from '../../model-build/import/pixels';
import { guarded } from '../exit';
import { Progress } from '../start/progress';
import { registerBundleVerbs } from './model-bundles';
import { registerPythonVerbs } from './model-python';
import { registerSimulatorCommands } from './simulate';

interface ImportOptions {
  readonly family: string;
  readonly classes: string;
  readonly keep?: string;
  readonly input?: string;
  readonly pixels?: string;
  readonly licence: string;
  readonly source: string;
  readonly name: string;
  readonly out: string;
}

/** `tierwatch model …`: what makes bundles with Node alone here, the rest beside. */
export function registerModel(program: Command): void {
  const model = program.command('model').description('make, check and show model bundles');
  model
    .command('import')
    .description('turn trained weights into a bundle: graph rewritten, proven equal, written whole')
    .argument('<weights>', 'ONNX file')
    .option('--family <name>', `${FAMILY_NAMES.join(', ')} or auto`, 'auto')
    .option('--classes <names>', 'coco80, coco91, or a file with one class name a line', 'coco80')
    .option(
      '--keep <names>',
      `classes to keep, by comma; of COCO ${ROAD_CLASSES.join(',')} if left out, else all`,
    )
    .option('--input <sizes>', "HEIGHTxWIDTH in px, by comma; 256x416 and the export's if left out")
    .option(
      '--pixels <form>',
      `what the export takes: ${Object.keys(PIXEL_FORMS).join(', ')}; detr and ssd need it`,
    )
    .requiredOption('--licence <name>', 'of the weights, such as Apache-2.0')
    .requiredOption('--source <url>', 'where the weights came from')
    .option('--name <name>', 'of the bundle', 'imported')
    .requiredOption('--out <dir>', 'folder of the bundle')
    .action(
      guarded(async (weights: string, options: ImportOptions) => {
        const { keep, input, ...rest } = options;
        const { manifest, proof, says } = await importModel({
          ...rest,
          weights,
          ...(keep === undefined ? {} : { keep: keep.split(',') }),
          ...(input === undefined ? {} : { inputs: input.split(',').map(parseShape) }),
        });
        const shapes = manifest.files.map((file) => `${file.heightPx}x${file.widthPx}`).join(', ');
        console.log(
          `${options.out}: ${manifest.name} of family ${manifest.family}, ${manifest.classes.join(', ')}; shapes ${shapes}`,
        );
        console.log(says);
        console.log(
          `proven on ${proof.pictures} pictures: confidences within ${proof.worstConfidenceGap.toExponential(1)}, boxes within ${proof.worstBoxGapPx.toExponential(1)} px`,
        );
      }),
    );
  model
    .command('get')
    .description("download a known model's weights, verify them and import them")
    .argument('<name>', 'recipe in model-build/recipes, such as yolox-nano')
    .option('--out <dir>', 'folder of the bundle; models/NAME if left out')
    .action(
      guarded(async (name: string, { out = join('models', name) }: { out?: string }) => {
        const progress = new Progress();
        const onProgress = (bytes: number): void => progress.show(`${(bytes / 1e6).toFixed(1)} MB`);
        const manifest = await getModel({ name, out, onProgress });
        progress.clear();
        console.log(`${out}: ${manifest.name}, ${manifest.classes.join(', ')}`);
      }),
    );
  registerBundleVerbs(model);
  registerPythonVerbs(model);
  registerSimulatorCommands(model);
}

function parseShape(text: string): { heightPx: number; widthPx: number } {
  const found = /^(\d{2,4})x(\d{2,4})$/.exec(text.trim());
  if (found) return { heightPx: Number(found[1]), widthPx: Number(found[2]) };
  throw new ModelImportError(
    'bad-input-shape',
    `"--input ${text}": expected HEIGHTxWIDTH in px, such as 256x416`,
  );
}
