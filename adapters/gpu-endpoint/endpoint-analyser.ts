import { stat } from 'node:fs/promises';
import type {
  AnalysedSegment,
  Analyser,
  InferenceEndpoint,
  PacketFloor,
  SegmentMessage,
} from '../../core/ports';
import { EndpointUnavailableError } from '../../core/spill';
import { rangeStartOf } from '../../core/work-segment';
import { partOf } from '../worker/pool-analyser';

export interface EndpointAnalyserOptions {
  readonly endpoint: InferenceEndpoint;
  /** File of an object key. */
  readonly pathOf: (objectKey: string) => string;
  /** sha256 of the bundle that route took for a model: the analysis is under its name. */
  readonly modelSha256Of: (model: string) => string;
  /** How long an answer is waited for (ms). */
  readonly deadlineMs: number;
}

/** Analyses messages at the gpu lane's endpoint: the same bytes, settings and floor as in the cpu lane's pool. */
export class EndpointAnalyser implements Analyser {
  constructor(private readonly options: EndpointAnalyserOptions) {}

  async analyse(message: SegmentMessage, floor: PacketFloor | null): Promise<AnalysedSegment> {
    const { endpoint, pathOf, deadlineMs } = this.options;
    const file = pathOf(message.objectKey);
    const startedMs = performance.now();
    const cpuBefore = process.cpuUsage();
    const answer = await endpoint.analyse(file, {
      schemaVersion: 1,
      camera: message.camera,
      startedAt: rangeStartOf(message),
      settings: message.settings,
      floor: floor && { ...floor, phases: [...floor.phases] },
      range: partOf(message),
      wantsSnapshots: true,
      deadlineMs,
    });
    const expected = this.options.modelSha256Of(message.model);
    if (answer.modelSha256 !== expected) {
      throw new EndpointUnavailableError(
        'other-model',
        `${answer.model} (${answer.modelSha256.slice(0, 12)}), where the tier's is ${expected.slice(0, 12)}`,
      );
    }
    const { user, system } = process.cpuUsage(cpuBefore);
    return {
      model: answer.model,
      analysis: answer.analysis,
      presences: answer.presences,
      snapshots: answer.snapshots.map(({ className, zone, jpegBase64 }) => ({
        className,
        zone,
        jpeg: Buffer.from(jpegBase64, 'base64'),
      })),
      durationSeconds: answer.video.durationSeconds,
      // The function's own; the server's is paid by the endpoint's hour.
      cpuSeconds: (user + system) / 1e6,
      wallSeconds: (performance.now() - startedMs) / 1000,
      bytesRead: (await stat(file)).size,
      gpuMs: answer.timings.inferMs,
    };
  }
}
