import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EndpointAnswer, EndpointSettings } from '../../core/endpoint-contract';
import type { VideoLimits } from '../../core/limits';
import { mergeParts } from '../../core/merge-parts';
import type {
  AnalysedSegment,
  Analyser,
  InferenceEndpoint,
  PacketFloor,
  SegmentMessage,
} from '../../core/ports';
import { rangeStartOf } from '../../core/work-segment';
import type { ModelBundle } from '../onnx/bundle';
import type { WorkerPool } from '../worker/pool';
import { partOf } from '../worker/pool-analyser';
import { analyseByJpeg } from './jpeg';
import { MAX_MEDIA_BYTES, MAX_MEDIA_BYTES_AT_ONCE, requireModel } from './limits';
import { Room } from './room';
import { Shares } from './shares';
import { waitedFor } from './waited-for';

export interface EndpointAnalyserOptions {
  readonly endpoint: InferenceEndpoint;
  /** Remuxes or decodes in a child process what is sent. */
  readonly pool: Pick<WorkerPool, 'pick' | 'analyse'>;
  /** File of an object key. */
  readonly pathOf: (objectKey: string) => string;
  /** The bundle that route took for a model: the analysis is under its sha256. */
  readonly bundleOf: (model: string) => Pick<ModelBundle, 'manifest' | 'sha256'>;
  /** How long an answer is waited for (ms). */
  readonly deadlineMs: number;
  readonly limits?: VideoLimits;
}

/** Of this process: several messages wait for their answers together. */
const CPU = new Shares(() => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
});
const MEDIA = new Room(MAX_MEDIA_BYTES_AT_ONCE);

/**
 * Analyses messages at the gpu lane's endpoint: packets, not pixels, unless the tier says `send: jpeg`. The packet gate's choice is remuxed without decoding
 * and sent with the facts of all packets, so that the endpoint comes to the same rows as the cpu lane's pool.
 */
export class EndpointAnalyser implements Analyser {
  constructor(private readonly options: EndpointAnalyserOptions) {}

  async analyse(message: SegmentMessage, floor: PacketFloor | null): Promise<AnalysedSegment> {
    const cpuSecondsOfIt = CPU.begin();
    const { endpoint, waitSeconds } = waitedFor(this.options.endpoint);
    try {
      const waiting = new EndpointAnalyser({ ...this.options, endpoint });
      const { cpuSeconds, ...analysed } = await waiting.analyseBy(message, floor);
      // The function's own; the server's is paid by the endpoint's hour.
      const ownSeconds = cpuSeconds + cpuSecondsOfIt();
      return { ...analysed, cpuSeconds: ownSeconds, waitSeconds: waitSeconds() };
    } finally {
      cpuSecondsOfIt();
    }
  }

  /** @returns with the CPU of its child alone */
  private async analyseBy(
    message: SegmentMessage,
    floor: PacketFloor | null,
  ): Promise<AnalysedSegment> {
    if (message.settings.send === 'jpeg') return analyseByJpeg(message, floor, this.options);
    const folder = await mkdtemp(join(tmpdir(), 'tierwatch-packets-'));
    try {
      return await this.analyseIn(folder, message, floor);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  private async analyseIn(
    folder: string,
    message: SegmentMessage,
    floor: PacketFloor | null,
  ): Promise<AnalysedSegment> {
    const { pool, pathOf, deadlineMs, limits } = this.options;
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
      () => Promise.all(parts.map((part) => this.ask(message, part, given))),
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

  private async ask(
    { model }: SegmentMessage,
    { file, packets }: { readonly file: string; readonly packets?: EndpointSettings['packets'] },
    given: EndpointSettings,
  ): Promise<EndpointAnswer> {
    const settings = packets ? { ...given, packets } : given;
    const answer = await this.options.endpoint.analyse(file, settings);
    requireModel(answer, this.options.bundleOf(model));
    return answer;
  }
}
