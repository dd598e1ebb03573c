import { CountedFrames } from '../../adapters/embedded/counted-frames';
import { CPU_SECONDS_A_FRAME } from '../../core/assumed-cost';
import { breakEvenOf } from '../../core/gpu-break-even';
import { HeldLaneSwitch, LaneSwitch } from '../../core/lane-switch';
import type { Clock, Telemetry } from '../../core/ports';
import { US_EAST_1 } from '../../core/prices/us-east-1';
import { createLaneSwitch } from '../../handlers/lane-switch';
import { GpuServer, type GpuServerOptions } from './gpu-server';

export interface GpuLaneOptions {
  readonly mode: 'on' | 'off' | 'auto';
  readonly server: GpuServerOptions;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
}

/** What `auto` compares with: the smallest GPU endpoint, by list prices. */
const PRICED = {
  instanceType: 'ml.g4dn.xlarge',
  instances: 1,
  architecture: 'arm64',
  cpuMsPerFrame: CPU_SECONDS_A_FRAME * 1000,
  concurrentRequests: 16,
} as const;
const DWELL_MINUTES = 60;

/** The gpu lane on one machine: its server, and with `auto` the same lane-switch as in the cloud. */
export class GpuLane {
  /** What route asks. */
  readonly laneSwitch: LaneSwitch;
  /** The telemetry that its decisions are made from. */
  readonly telemetry: Telemetry;
  private server: GpuServer | null = null;
  private readonly decideLane: ReturnType<typeof createLaneSwitch>;

  constructor(private readonly options: GpuLaneOptions) {
    const { mode, clock, telemetry } = options;
    const frames = new CountedFrames(clock);
    this.telemetry = frames.of(telemetry);
    const store = new HeldLaneSwitch();
    const nowMs = (): number => clock.now().getTime();
    this.laneSwitch = new LaneSwitch(store, { nowMs, telemetry });
    const rule = { breakEven: breakEvenOf(PRICED, US_EAST_1), dwellMinutes: DWELL_MINUTES };
    this.decideLane = createLaneSwitch({ frames, store, rule, clock, telemetry });
    if (mode === 'on') this.server = new GpuServer(options.server);
  }

  /** Null while there is no server. */
  get url(): string | null {
    return this.server?.url ?? null;
  }

  /** Segments wait for a server that starts, as they would for an endpoint's first minutes. */
  get isStarting(): boolean {
    return this.server?.isStarting ?? false;
  }

  /** As the scheduled functions do: decides with `auto`, and starts or stops the server. */
  async decide(): Promise<void> {
    if (this.options.mode !== 'auto') return;
    const { lane } = await this.decideLane();
    if (lane === 'gpu') this.server ??= new GpuServer(this.options.server);
    else this.close();
  }

  close(): void {
    this.server?.close();
    this.server = null;
  }
}
