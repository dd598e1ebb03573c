import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { OnnxDetector } from '../adapters/onnx/onnx-detector';
import { Demuxer, ticksOf } from '../adapters/video/demuxer';
import { DEFAULT_LIMITS } from '../core/limits';
import { bareKeyframes } from './bare';

const ROOT = join(__dirname, '..');

/** What a segment takes at least, its frames decoded and inferred and nothing else. */
export interface BareSegment {
  readonly frames: number;
  readonly cpuSeconds: number;
}

/** CPU of one segment, in this process: the mean of so many: a keyframe a second decoded, inferred at the better of two batch sizes. */
export async function bareSegment(
  model: string,
  footage: string,
  rounds: number,
): Promise<BareSegment> {
  const found: BareSegment[] = [];
  for (const maxBatch of [4, 16]) {
    const detector = await OnnxDetector.load(model, { maxBatch });
    const wanted = keyframesBySecond(footage);
    const demuxer = Demuxer.open(footage, DEFAULT_LIMITS);
    const { width, height } = demuxer.stream.codecpar;
    demuxer.close();
    const input = detector.inputFor(width, height, 'auto');
    const frames = await bareKeyframes(footage, wanted, detector, input);
    const before = process.cpuUsage();
    for (let round = 0; round < rounds; round++) {
      await bareKeyframes(footage, wanted, detector, input);
    }
    const { user, system } = process.cpuUsage(before);
    found.push({ frames, cpuSeconds: (user + system) / 1e6 / rounds });
  }
  return found.reduce((best, one) => (one.cpuSeconds < best.cpuSeconds ? one : best));
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

/** The same by so many processes at once: where all cores work, each has less of the caches that they share. */
export async function bareSegments(
  processes: number,
  values: readonly [model: string, footage: string, rounds: number],
): Promise<BareSegment> {
  const program = ['cli/run-typescript.js', 'bench/endpoint-bare.entry.ts', ...values.map(String)];
  const found = await Promise.all(
    Array.from({ length: processes }, async () => {
      const { stdout } = await promisify(execFile)(process.execPath, program, { cwd: ROOT });
      return JSON.parse(stdout) as BareSegment;
    }),
  );
  const cpuSeconds = found.reduce((sum, one) => sum + one.cpuSeconds, 0) / processes;
  return { frames: found[0]!.frames, cpuSeconds };
}
