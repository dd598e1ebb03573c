import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { readBundle } from '../../adapters/onnx/bundle';
import { checkBundle } from '../../adapters/onnx/check-bundle';
import { benchmarkBundle } from '../../model-build/benchmark';
import { diffManifests } from '../../model-build/diff';
import { ModelImportError } from '../../model-build/errors';
import { getModel } from '../../model-build/get';
import { ROAD_CLASSES } from '../../model-build/import/class-names';
import { FAMILY_NAMES } from '../../model-build/import/families';
import { importModel } from '../../model-build/import/import-model';
import { PIXEL_FORMS } from '../../model-build/import/pixels';
import { guarded } from '../exit';
import { Progress } from '../start/progress';
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

/** `tierwatch model …`: what needs Node alone here, what Python does in model-python. */
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
  model
    .command('check')
    .description("every sha256, and the recorded answers on the bundle's own pictures")
    .argument('<dir...>', 'bundles')
    .action(
      guarded(async (folders: string[]) => {
        for (const folder of folders) {
          const { files, images, detections } = await checkBundle(folder);
          console.log(
            `${folder}: good; ${files} graphs, ${images} pictures, ${detections} answers`,
          );
        }
      }),
    );
  model
    .command('benchmark')
    .description(
      'CPU ms a frame of every graph; writes the rows and the choice of variant into the manifest',
    )
    .argument('<dir...>', 'bundles')
    .option('--threads <count>', 'inside one inference', Number, 1)
    .option('--batch <sizes>', 'pictures a run, by comma', '1,2,4,8,16')
    .option('--rounds <count>', 'of which the median counts', Number, 21)
    .action(
      guarded(
        async (folders: string[], options: { threads: number; batch: string; rounds: number }) => {
          for (const folder of folders) {
            const { rows, cpuFeatures } = await benchmarkBundle({
              folder,
              threads: options.threads,
              batches: options.batch.split(',').map(Number),
              rounds: options.rounds,
              measuredAt: new Date(),
            });
            console.log(`${folder} on ${cpuFeatures.join(' ')}, CPU ms a frame`);
            for (const row of rows) {
              console.log(
                `  ${row.variant} ${row.heightPx}x${row.widthPx} batch ${row.batch}: ${row.msPerFrame.toFixed(2)}; session ${row.sessionMs.toFixed(0)}`,
              );
            }
          }
        },
      ),
    );
  model
    .command('list')
    .description('bundles below a folder')
    .argument('[dir]', 'folder', 'model-build')
    .action(
      guarded(async (folder: string) => {
        for (const entry of readdirSync(folder, { withFileTypes: true })) {
          if (!entry.isDirectory()) continue;
          try {
            const { manifest } = readBundle(join(folder, entry.name));
            console.log(
              `${join(folder, entry.name)}  ${manifest.name}@${manifest.version}  ${manifest.grade}`,
            );
          } catch {
            // Not a bundle: list shows those that are.
          }
        }
      }),
    );
  model
    .command('get')
    .description("download a known model's weights, verify them and import them")
    .argument('<name>', 'recipe in model-build/recipes, such as yolox-nano')
    .requiredOption('--out <dir>', 'folder of the bundle')
    .action(
      guarded(async (name: string, { out }: { out: string }) => {
        const progress = new Progress();
        const onProgress = (bytes: number): void => progress.show(`${(bytes / 1e6).toFixed(1)} MB`);
        const manifest = await getModel({ name, out, onProgress });
        progress.clear();
        console.log(`${out}: ${manifest.name}, ${manifest.classes.join(', ')}`);
      }),
    );
  model
    .command('diff')
    .description('what differs between two bundles')
    .argument('<before>', 'bundle')
    .argument('<after>', 'bundle')
    .action(
      guarded(async (before: string, after: string) => {
        for (const place of diffManifests(
          readBundle(before).manifest,
          readBundle(after).manifest,
        )) {
          console.log(`${place.path}\n  - ${place.before}\n  + ${place.after}`);
        }
      }),
    );
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
