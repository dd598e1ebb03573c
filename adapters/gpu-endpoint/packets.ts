import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EndpointAnswer, EndpointSettings } from '../../core/endpoint-contract';
import { mergeParts } from '../../core/merge-parts';
import type { AnalysedSegment, PacketFloor, SegmentMessage } from '../../core/ports';
import { rangeStartOf } from '../../core/work-segment';
import { partOf } from '../worker/pool-analyser';
import type { EndpointAnalyserOptions } from './endpoint-analyser';
import { MAX_MEDIA_BYTES, MAX_MEDIA_BYTES_AT_ONCE, requireModel } from './limits';
import { Room } from './room';

/** Of this process: several messages wait for their answers together. */
const MEDIA = new Room(MAX_MEDIA_BYTES_AT_ONCE);

/**
 * The packet gate's choice is remuxed without decoding and sent with the facts of all packets, so that the endpoint comes
 * to the same rows as the cpu lane's pool.
 * @returns with the CPU of its child alone
 */
export async function analyseByPackets(
  message: SegmentMessage,
  floor: PacketFloor | null,
  options: EndpointAnalyserOptions,
): Promise<AnalysedSegment> {
  const folder = await mkdtemp(join(tmpdir(), 'tierwatch-packets-'));
  try {
    return await analyseIn(folder, message, { floor, ...options });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function analyseIn(
  folder: string,
  message: SegmentMessage,
  { floor, ...options }: EndpointAnalyserOptions & { readonly floor: PacketFloor | null },
): Promise<AnalysedSegment> {
  const { pool, pathOf, deadlineMs, limits } = options;
  const file = pathOf(message.objectKey);
  const startedMs = performance.now();
  const { settings } = message;
  const range = partOf(message);
  const picked = await pool.pick({
    file,
    out: join(folder, 'part'),
    maxBytes: MAX_MEDIA_BYTES,
    settings,
    floor,
    range,
    ...(limits ? { limits } : {}),
  });
  const given: EndpointSettings = {
    schemaVersion: 1,
    camera: message.camera,
    startedAt: rangeStartOf(message),
    settings,
    floor: floor && { ...floor, phases: [...floor.phases] },
    range,
    wantsSnapshots: true,
    deadlineMs,
  };
  const parts = picked.files ?? [{ file }];
  const sizes = await Promise.all(parts.map(async (part) => (await stat(part.file)).size));
  const answers = await MEDIA.hold(
    sizes.reduce((sum, size) => sum + size, 0),
    () => Promise.all(parts.map((part) => ask(message, part, { given, ...options }))),
  );
  const merged = answers.length === 1 ? answers[0]! : mergeParts(answers, given);
  return {
    model: answers[0]!.model,
    analysis: merged.analysis,
    presences: merged.presences,
    snapshots: merged.snapshots.map(({ className, zone, jpegBase64 }) => ({
      className,
      zone,
      jpeg: Buffer.from(jpegBase64, 'base64'),
    })),
    durationSeconds: merged.video.durationSeconds,
    cpuSeconds: picked.cpuSeconds,
    wallSeconds: (performance.now() - startedMs) / 1000,
    bytesRead: (await stat(file)).size,
    gpuMs: answers.reduce((sum, { timings }) => sum + timings.inferMs, 0),
  };
}

async function ask(
  { model }: SegmentMessage,
  { file, packets }: { readonly file: string; readonly packets?: EndpointSettings['packets'] },
  {
    given,
    endpoint,
    bundleOf,
  }: Pick<EndpointAnalyserOptions, 'endpoint' | 'bundleOf'> & { readonly given: EndpointSettings },
): Promise<EndpointAnswer> {
  const settings = packets ? { ...given, packets } : given;
  const answer = await endpoint.analyse(file, settings);
  requireModel(answer, bundleOf(model));
  return answer;
}
