import type { VideoLimits } from '../../core/limits';
import type {
  AnalysedSegment,
  Analyser,
  InferenceEndpoint,
  PacketFloor,
  SegmentMessage,
} from '../../core/ports';
import type { ModelBundle } from '../onnx/bundle';
import type { WorkerPool } from '../worker/pool';
import { analyseByJpeg } from './jpeg';
import { analyseByPackets } from './packets';
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

/** Analyses messages at the gpu lane's endpoint: packets, not pixels, unless the tier says `send: jpeg`. */
export class EndpointAnalyser implements Analyser {
  constructor(private readonly options: EndpointAnalyserOptions) {}

  async analyse(message: SegmentMessage, floor: PacketFloor | null): Promise<AnalysedSegment> {
    const cpuSecondsOfIt = CPU.begin();
    const { endpoint, waitSeconds } = waitedFor(this.options.endpoint);
    try {
      const analyseBy = message.settings.send === 'jpeg' ? analyseByJpeg : analyseByPackets;
      const options = { ...this.options, endpoint };
      const { cpuSeconds, ...analysed } = await analyseBy(message, floor, options);
      // The function's own; the server's is paid by the endpoint's hour.
      const ownSeconds = cpuSeconds + cpuSecondsOfIt();
      return { ...analysed, cpuSeconds: ownSeconds, waitSeconds: waitSeconds() };
    } finally {
      cpuSecondsOfIt();
    }
  }
}
