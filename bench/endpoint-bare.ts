import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { OnnxDetector } from '../adapters/onnx/onnx-detector';
import { Demuxer, ticksOf } from '../adapters/video/demuxer';
import { DEFAULT_LIMITS } from '../core/limits';
import type { Device } from '../core/manifest';
import { bareKeyframes } from './bare';

const ROOT = join(__dirname, '..');
const PROGRAM = join(ROOT, 'cli/run-typescript.js');
const ENTRY = join(ROOT, 'bench/endpoint-bare.entry.ts');
const BATCHES = [4, 16];

/** What a segment takes at least, its frames decoded and inferred and nothing else. */
export interface BareSegment {
  readonly frames: number;
  readonly cpuSeconds: number;
  /** As long as it took while the other processes worked too (s). */
  readonly wallSeconds: number;
}

export interface BareOptions {
  /** Segments at each batch size, after one to warm up. */
  readonly rounds: number;
  readonly device: Device;
}

/**
 * One segment in this process, a keyframe a second decoded and inferred: the mean of so many, at the better of two
 * batch sizes. What is to be warm is warm before the function is handed over.
 */
export async function prepareBareSegment(
  model: string,
  footage: string,
  { rounds, device }: BareOptions,
): Promise<() => Promise<BareSegment>> {
  const wanted = keyframesBySecond(footage);
  const demuxer = Demuxer.open(footage, DEFAULT_LIMITS);
  const { width, height } = demuxer.stream.codecpar;
  demuxer.close();
  const ways = await Promise.all(
    BATCHES.map(async (maxBatch) => {
      const detector = await OnnxDetector.load(model, { maxBatch, device });
      return { detector, input: detector.inputFor(width, height, 'auto') };
    }),
  );
  for (const { detector, input } of ways) await bareKeyframes(footage, wanted, detector, input);
  return async () => {
    const found: BareSegment[] = [];
    for (const { detector, input } of ways) {
      let frames = 0;
      const [before, startedMs] = [process.cpuUsage(), performance.now()];
      for (let round = 0; round < rounds; round++) {
        frames = await bareKeyframes(footage, wanted, detector, input);
      }
      const { user, system } = process.cpuUsage(before);
      const wallSeconds = (performance.now() - startedMs) / 1000 / rounds;
      found.push({ frames, cpuSeconds: (user + system) / 1e6 / rounds, wallSeconds });
    }
    const cost = device === 'cuda' ? 'wallSeconds' : 'cpuSeconds';
    return found.reduce((best, one) => (one[cost] < best[cost] ? one : best));
  };
}

/** A keyframe for each second, as the sampling plan snaps to them. */
function keyframesBySecond(footage: string): Set<bigint> {
  const demuxer = Demuxer.open(footage, DEFAULT_LIMITS);
  const wanted = new Map<number, bigint>();
  for (let packet = demuxer.next(); packet !== null; packet = demuxer.next()) {
    const second = Math.floor(Number(ticksOf(packet)) * demuxer.timeBaseSeconds + 1e-3);
    if (packet.isKeyframe && !wanted.has(second)) wanted.set(second, ticksOf(packet));
  }
  demuxer.close();
  return new Set(wanted.values());
}

/**
 * The mean of so many processes that work at once: where all cores work, each has less of the caches that they share.
 * They start together, when the last of them is warm.
 */
export async function bareSegments(
  processes: number,
  [model, footage]: readonly [model: string, footage: string],
  { rounds, device }: BareOptions,
): Promise<BareSegment> {
  const values = [ENTRY, model, footage, String(rounds), device];
  const children = Array.from({ length: processes }, () => fork(PROGRAM, values, { cwd: ROOT }));
  await Promise.all(children.map(answerOf));
  for (const child of children) child.send('start');
  const found = (await Promise.all(children.map(answerOf))) as BareSegment[];
  const mean = (of: 'cpuSeconds' | 'wallSeconds'): number =>
    found.reduce((sum, one) => sum + one[of], 0) / processes;
  const { frames } = found[0]!;
  return { frames, cpuSeconds: mean('cpuSeconds'), wallSeconds: mean('wallSeconds') };
}

async function answerOf(child: ChildProcess): Promise<unknown> {
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`a bare process ended with ${code}`);
  });
  // Only where it ends too soon.
  ended.catch(() => {});
  const [answer] = await Promise.race([once(child, 'message'), ended]);
  return answer;
}
