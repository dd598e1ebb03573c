import { type ModelBundle, readBundle } from '../adapters/onnx/bundle';
import { readCpuFeatures } from '../adapters/onnx/cpu-features';
import { createSession } from '../adapters/onnx/onnx-detector';
import { ort } from '../adapters/onnx/runtime';
import { cpuVariants, type GraphFile, type Manifest } from '../core/manifest';
import { rewriteManifest } from './bundle';
import { decideChoice } from './choice';

export interface BenchmarkRequest {
  readonly folder: string;
  readonly threads: number;
  readonly batches: readonly number[];
  readonly rounds: number;
  readonly measuredAt: Date;
  readonly onProgress?: (line: string) => void;
}

type Benchmark = Manifest['benchmarks'][number];

/**
 * Times every graph that a CPU may take, interleaved: process CPU ms a frame, median over rounds. What one thread
 * needs goes into the manifest, with the rule by which a function picks its variant.
 */
export async function benchmarkBundle(request: BenchmarkRequest): Promise<Benchmark> {
  const bundle = readBundle(request.folder);
  const variants = cpuVariants(bundle.manifest.files.map(({ variant }) => variant));
  const files = bundle.manifest.files.filter(({ variant }) => variants.includes(variant));
  const cells = await Promise.all(
    files.map(async (file) => ({
      file,
      ...(await openTimed(bundle, file, request.threads)),
    })),
  );
  const costs = new Map<string, number[]>();
  for (let round = 0; round <= request.rounds; round++) {
    for (const { file, session } of cells) {
      for (const batch of request.batches) {
        const key = `${file.file}:${batch}`;
        const ms = await timeRun(session, file, batch);
        // The first round warms up.
        if (round > 0) costs.set(key, [...(costs.get(key) ?? []), ms / batch]);
      }
    }
    request.onProgress?.(`round ${round} of ${request.rounds}`);
  }
  const benchmark: Benchmark = {
    cpuFeatures: readCpuFeatures(),
    runtime: `onnxruntime-node ${ort.env.versions.node ?? ort.env.versions.common}`,
    measuredAt: request.measuredAt.toISOString().slice(0, 10),
    rows: cells.flatMap(({ file: { file, variant, heightPx, widthPx }, sessionMs }) =>
      request.batches.map((batch) => ({
        variant,
        heightPx,
        widthPx,
        batch,
        msPerFrame: rounded(median(costs.get(`${file}:${batch}`)!)),
        sessionMs: rounded(sessionMs),
      })),
    ),
  };
  await Promise.all(cells.map(({ session }) => session.release()));
  if (request.threads === 1)
    rewriteManifest(request.folder, withBenchmark(bundle.manifest, benchmark));
  return benchmark;
}

async function openTimed(bundle: ModelBundle, file: GraphFile, intraOpThreads: number) {
  const before = process.cpuUsage();
  const session = await createSession(bundle, file, { intraOpThreads });
  const { user, system } = process.cpuUsage(before);
  return { session, sessionMs: (user + system) / 1000 };
}

async function timeRun(
  session: Awaited<ReturnType<typeof createSession>>,
  { heightPx, widthPx }: GraphFile,
  batch: number,
): Promise<number> {
  const pixels = new Uint8Array(batch * heightPx * widthPx * 3).map(
    (_, index) => (index * 31) % 255,
  );
  const images = new ort.Tensor('uint8', pixels, [batch, heightPx, widthPx, 3]);
  const before = process.cpuUsage();
  await session.run({ images });
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/** The measurement of a CPU class replaces its earlier one, and the rules follow from all of them. */
function withBenchmark(manifest: Manifest, benchmark: Benchmark): Manifest {
  const others = manifest.benchmarks.filter(
    ({ cpuFeatures }) => cpuFeatures.join() !== benchmark.cpuFeatures.join(),
  );
  const measured = { ...manifest, benchmarks: [...others, benchmark] };
  return { ...measured, choice: decideChoice(measured) };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)]!;
}

function rounded(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}
