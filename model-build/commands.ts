import type { Command } from 'commander';
import { readBundle } from '../adapters/onnx/bundle';
import { guarded } from '../cli/exit';
import { ModelImportError } from './errors';
import { ROAD_CLASSES } from './import/class-names';
import { importModel } from './import/import-model';

interface ImportOptions {
  readonly family: string;
  readonly classes: string;
  readonly keep: string;
  readonly input: string;
  readonly licence: string;
  readonly source: string;
  readonly name: string;
  readonly out: string;
}

/** `tierwatch model …`: what needs Node alone. */
export function registerModelCommands(program: Command): Command {
  const model = program.command('model').description('make, check and show model bundles');
  model
    .command('import')
    .description('turn trained weights into a bundle: graph rewritten, proven equal, written whole')
    .argument('<weights>', 'ONNX file')
    .option('--family <name>', 'yolox or auto', 'auto')
    .option('--classes <names>', 'coco80, or a file with one class name a line', 'coco80')
    .option('--keep <names>', 'classes to keep, by comma', ROAD_CLASSES.join(','))
    .option('--input <sizes>', 'HEIGHTxWIDTH in px, by comma', '256x416,416x416')
    .requiredOption('--licence <name>', 'of the weights, such as Apache-2.0')
    .requiredOption('--source <url>', 'where the weights came from')
    .option('--name <name>', 'of the bundle', 'imported')
    .requiredOption('--out <dir>', 'folder of the bundle')
    .action(
      guarded(async (weights: string, options: ImportOptions) => {
        const { manifest, proof } = await importModel({
          ...options,
          weights,
          keep: options.keep.split(','),
          inputs: options.input.split(',').map(parseShape),
        });
        const shapes = manifest.files.map((file) => `${file.heightPx}x${file.widthPx}`).join(', ');
        console.log(
          `${options.out}: ${manifest.name}, ${manifest.classes.join(', ')}; shapes ${shapes}`,
        );
        console.log(
          `proven on ${proof.pictures} pictures: confidences within ${proof.worstConfidenceGap.toExponential(1)}, boxes within ${proof.worstBoxGapPx.toExponential(1)} px`,
        );
      }),
    );
  model
    .command('show')
    .description('what a bundle is, file by file')
    .argument('<dir>', 'bundle')
    .option('--json', 'the manifest')
    .action(
      guarded(async (folder: string, { json }: { json?: true }) => {
        const { manifest, sha256 } = readBundle(folder);
        if (json) {
          console.log(JSON.stringify(manifest));
          return;
        }
        console.log(
          `${manifest.name}@${manifest.version} (${manifest.grade} grade, ${manifest.licence}) ${sha256.slice(0, 12)}`,
        );
        console.log(`classes: ${manifest.classes.join(', ')}; from ${manifest.source.url}`);
        for (const { file, bytes } of manifest.files)
          console.log(`  ${file}  ${(bytes / 1e6).toFixed(2)} MB`);
      }),
    );
  return model;
}

function parseShape(text: string): { heightPx: number; widthPx: number } {
  const found = /^(\d{2,4})x(\d{2,4})$/.exec(text.trim());
  if (found) return { heightPx: Number(found[1]), widthPx: Number(found[2]) };
  throw new ModelImportError(
    'bad-input-shape',
    `"--input ${text}": expected HEIGHTxWIDTH in px, such as 256x416`,
  );
}
