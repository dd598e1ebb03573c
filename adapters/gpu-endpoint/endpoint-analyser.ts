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
import { EndpointUnavailableError } from '../../core/spill';
import { rangeStartOf } from '../../core/work-segment';
import type { WorkerPool } from '../worker/pool';
import { partOf } from '../worker/pool-analyser';

export interface EndpointAnalyserOptions {
  readonly endpoint: InferenceEndpoint;
  /** Remuxes in a child process what is sent. */
  readonly pool: Pick<WorkerPool, 'pick'>;
  /** File of an object key. */
  readonly pathOf: (objectKey: string) => string;
  /** sha256 of the bundle that route took for a model: the analysis is under its name. */
  readonly modelSha256Of: (model: string) => string;
  /** How long an answer is waited for (ms). */
  readonly deadlineMs: number;
  readonly limits?: VideoLimits;
}

/** SageMaker takes 25 MB; settings and form around the media take some of it. */
const MAX_MEDIA_BYTES = 24 * 1024 * 1024;

/**
 * Analyses messages at the gpu lane's endpoint: packets, not pixels. The packet gate's choice is remuxed without decoding
 * and sent with the facts of all packets, so that the endpoint comes to the same rows as the cpu lane's pool.
 */
export class EndpointAnalyser implements Analyser {
  constructor(private readonly options: EndpointAnalyserOptions) {}

  async analyse(message: SegmentMessage, floor: PacketFloor | null): Promise<AnalysedSegment> {
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
    const cpuBefore = process.cpuUsage();
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
    const answers = await Promise.all(parts.map((part) => this.ask(message, part, given)));
    const merged = answers.length === 1 ? answers[0]! : mergeParts(answers, given);
    const { user, system } = process.cpuUsage(cpuBefore);
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
      // The function's own; the server's is paid by the endpoint's hour.
      cpuSeconds: (user + system) / 1e6 + picked.cpuSeconds,
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
    const expected = this.options.modelSha256Of(model);
    if (answer.modelSha256 === expected) return answer;
    throw new EndpointUnavailableError(
      'other-model',
      `${answer.model} (${answer.modelSha256.slice(0, 12)}), where the tier's is ${expected.slice(0, 12)}`,
    );
  }
}
