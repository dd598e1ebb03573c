import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { type ModelBundle, readBundle, requireGraphs } from '../../adapters/onnx/bundle';
import { checkBundle } from '../../adapters/onnx/check-bundle';
import { ModelBundleError } from '../../adapters/onnx/errors';
import type { Manifest } from '../../core/manifest';
import { benchmarkBundle } from '../../model-build/benchmark';
import { explainChoice } from '../../model-build/choice';
import { diffManifests } from '../../model-build/diff';
import { guarded } from '../exit';
import { ROOT, wholeNumber } from '../options';
import { Progress } from '../start/progress';

const LARGEST_BATCH = 64;

/** `tierwatch model check|benchmark|show|list|diff`: what there is to know of bundles. */
export function registerBundleVerbs(model: Command): void {
  model
    .command('check')
    .description("every sha256, and the recorded answers on the bundle's own pictures")
    .argument('<dir...>', 'bundles')
    .action(guarded(check));
  model
    .command('benchmark')
    .description(
      'CPU ms a frame, MB and session ms of every graph; with one thread into the manifest',
    )
    .argument('<dir...>', 'bundles')
    .option('--threads <count>', 'inside one inference; recorded where it is 1', wholeNumber, 1)
    .option('--batch <sizes>', 'pictures a run, by comma', batchSizes, [1, 2, 4, 8, 16])
    .option('--rounds <count>', 'of which the median counts', wholeNumber, 21)
    .action(guarded(benchmark));
  model
    .command('show')
    .description('what a bundle is, file by file, and which variant runs where')
    .argument('<dir>', 'bundle')
    .option('--json', 'the manifest')
    .action(guarded(async (folder: string, { json }: { json?: true }) => show(folder, json)));
  model
    .command('list')
    .description('bundles below a folder')
    .argument('[dir]', 'folder; the shipped ones if left out', join(ROOT, 'model-build'))
    .action(guarded(async (folder: string) => list(folder)));
  model
    .command('diff')
    .description('what differs between two bundles')
    .argument('<before>', 'bundle')
    .argument('<after>', 'bundle')
    .action(guarded(async (before: string, after: string) => diff(before, after)));
}

async function check(folders: string[]): Promise<void> {
  for (const folder of folders) {
    const { files, images, detections } = await checkBundle(folder);
    console.log(`${folder}: good; ${files} graphs, ${images} pictures, ${detections} answers`);
  }
}

interface BenchmarkOptions {
  readonly threads: number;
  readonly batch: readonly number[];
  readonly rounds: number;
}

async function benchmark(folders: string[], options: BenchmarkOptions): Promise<void> {
  const { threads, batch: batches, rounds } = options;
  for (const folder of folders) {
    const progress = new Progress();
    const { rows, cpuFeatures } = await benchmarkBundle({
      ...{ folder, threads, batches, rounds, measuredAt: new Date() },
      onProgress: (line) => progress.show(`${folder}: ${line}`),
    });
    progress.clear();
    const { manifest } = readBundle(folder);
    console.log(`${folder} on ${cpuFeatures.join(' ')}, CPU ms a frame, threads: ${threads}`);
    for (const row of rows) {
      const { variant, heightPx, widthPx, batch, msPerFrame, sessionMs } = row;
      const bytes = manifest.files.find(
        (file) =>
          file.variant === variant && file.heightPx === heightPx && file.widthPx === widthPx,
      )!.bytes;
      console.log(
        `  ${variant} ${heightPx}x${widthPx} batch ${batch}: ${msPerFrame.toFixed(2)} ms; ${megabytes(bytes)}; session ${sessionMs.toFixed(0)} ms`,
      );
    }
    if (threads > 1) console.log('not recorded: the manifest holds what one thread needs');
    else sayChoice(manifest);
  }
}

function sayChoice(manifest: Manifest): void {
  for (const { cpuFeatures, variant } of manifest.choice)
    console.log(`CPUs with ${cpuFeatures.join(' ') || 'none of these'}: ${variant}`);
  for (const line of explainChoice(manifest)) console.log(line);
}

/** Of a bundle that was changed after it was made nothing is told. @throws {ModelBundleError} */
function readWhole(folder: string): ModelBundle {
  const bundle = readBundle(folder);
  requireGraphs(bundle);
  return bundle;
}

function show(folder: string, isJson: true | undefined): void {
  const { manifest, sha256 } = readWhole(folder);
  if (isJson) {
    console.log(JSON.stringify(manifest));
    return;
  }
  const { name, version, grade, licence, family, classes, source, files } = manifest;
  console.log(`${name}@${version} (${grade} grade, ${licence}, ${family}) ${sha256.slice(0, 12)}`);
  console.log(`classes: ${classes.join(', ')}; from ${source.url}`);
  for (const { file, bytes } of files) console.log(`  ${file}  ${megabytes(bytes)}`);
  sayChoice(manifest);
}

/** @throws {ModelBundleError} where the folder is not there or holds no bundle */
function list(folder: string): void {
  const lines = foldersIn(folder).flatMap((name) => {
    try {
      const { manifest } = readBundle(join(folder, name));
      const { name: model, version, grade, files } = manifest;
      const graphs = files.map((file) => `${file.variant} ${file.heightPx}x${file.widthPx}`);
      return [`${join(folder, name)}  ${model}@${version}  ${grade}  ${graphs.join(', ')}`];
    } catch (error) {
      if (error instanceof ModelBundleError) return [];
      throw error;
    }
  });
  if (lines.length === 0) {
    throw new ModelBundleError(
      `"${folder}": expected bundles below it, found none; make one with "tierwatch model import"`,
    );
  }
  for (const line of lines) console.log(line);
}

function foldersIn(folder: string): string[] {
  try {
    const entries = readdirSync(folder, { withFileTypes: true });
    return entries.flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));
  } catch (cause) {
    throw new ModelBundleError(
      `"${folder}": expected a folder of bundles, found none that can be read; check the path`,
      cause,
    );
  }
}

function diff(before: string, after: string): void {
  const places = diffManifests(readWhole(before).manifest, readWhole(after).manifest);
  if (places.length === 0) console.log('no difference');
  for (const place of places) console.log(`${place.path}\n  - ${place.before}\n  + ${place.after}`);
}

function batchSizes(text: string): number[] {
  const sizes = text.split(',').map(Number);
  const isGood = sizes.every((one) => Number.isInteger(one) && one >= 1 && one <= LARGEST_BATCH);
  if (isGood && new Set(sizes).size === sizes.length) return sizes;
  throw new InvalidArgumentError(`expected different whole numbers from 1 to ${LARGEST_BATCH}`);
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(2)} MB`;
}
