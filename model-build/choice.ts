import { readBundle } from '../adapters/onnx/bundle';
import {
  admissibleVariants,
  chooseGpuVariant,
  cpuVariants,
  type Manifest,
  type Variant,
} from '../core/manifest';
import { rewriteManifest } from './bundle';

type Benchmark = Manifest['benchmarks'][number];

/**
 * One rule a measured CPU: the fastest of the variants that may be chosen at all. Rules that ask for more
 * features stand first, since the first that fits a CPU counts.
 */
export function decideChoice(manifest: Manifest): Manifest['choice'] {
  const admissible = cpuVariants(admissibleVariants(manifest));
  const rules = manifest.benchmarks.flatMap((benchmark) => {
    const measured = admissible.filter((variant) => totalMs(benchmark, variant) !== null);
    const [first, ...others] = measured;
    if (!first) return [];
    const variant = others.reduce(
      (best, one) => (totalMs(benchmark, one)! < totalMs(benchmark, best)! ? one : best),
      first,
    );
    return [{ cpuFeatures: benchmark.cpuFeatures, variant }];
  });
  return rules.sort((a, b) => b.cpuFeatures.length - a.cpuFeatures.length);
}

/** Writes the rules into the manifest. @returns one sentence a variant and CPU, why it is chosen or not */
export function applyChoice(folder: string): string[] {
  const { manifest } = readBundle(folder);
  const choice = decideChoice(manifest);
  rewriteManifest(folder, { ...manifest, choice });
  return explainChoice({ ...manifest, choice });
}

/** Says for every variant but fp32 what was measured and what follows from it. */
export function explainChoice(manifest: Manifest): string[] {
  const variants = new Set(manifest.files.map(({ variant }) => variant));
  variants.delete('fp32');
  return [...variants].flatMap((variant) =>
    variant === 'fp16' ? explainHalf(manifest) : explainOnCpus(manifest, variant),
  );
}

function explainHalf(manifest: Manifest): string[] {
  const onGpu = chooseGpuVariant(manifest);
  const taken = onGpu === 'fp16' ? 'taken' : `recorded, ${onGpu} is taken`;
  return [`fp16 on a GPU: ${lossOf(manifest, 'fp16')}: ${taken}`];
}

function explainOnCpus(manifest: Manifest, variant: Variant): string[] {
  return manifest.benchmarks.flatMap((benchmark) => {
    const [own, plain] = [totalMs(benchmark, variant), totalMs(benchmark, 'fp32')];
    if (own === null || plain === null) return [];
    const rule = manifest.choice.find(
      ({ cpuFeatures }) => cpuFeatures.join() === benchmark.cpuFeatures.join(),
    );
    const cpu = benchmark.cpuFeatures.join(' ') || 'an unnamed CPU';
    const speed = `${(plain / own).toFixed(2)}x the speed of fp32`;
    const isChosen = rule?.variant === variant;
    return [
      `${variant} on ${cpu}: ${speed}, ${lossOf(manifest, variant)}: ${isChosen ? 'chosen' : 'recorded, not chosen'}`,
    ];
  });
}

/** Sum over the variant's shapes at the smallest batch that was timed, CPU ms; null where none was. */
function totalMs({ rows }: Benchmark, variant: Variant): number | null {
  const own = rows.filter((row) => row.variant === variant);
  if (own.length === 0) return null;
  const batch = Math.min(...own.map((row) => row.batch));
  return own
    .filter((row) => row.batch === batch)
    .reduce((sum, { msPerFrame }) => sum + msPerFrame, 0);
}

function lossOf({ accuracy }: Manifest, variant: Variant): string {
  const rows = accuracy.filter((row) => row.variant === variant && row.className === 'all');
  const losses = rows.flatMap(({ loss }) => (loss ? [loss] : []));
  if (losses.length === 0) return 'accuracy not measured ("model evaluate --record")';
  const worst = losses.reduce((a, b) => (b.ap50 > a.ap50 ? b : a));
  const [low, high] = worst.interval.map(points);
  const isDecided = worst.interval[1] <= 0.01 || worst.interval[0] > 0.01;
  const verdict = isDecided ? '' : ', not decidable against 1 point';
  return `${points(worst.ap50)} points AP50 lost [${low}, ${high}]${verdict}`;
}

/** Hundredths with one decimal; what rounds to nothing has no sign. */
function points(ratio: number): string {
  return (Math.round(ratio * 1000) / 10 + 0).toFixed(1);
}
