import type { FrameCounts } from '../../core/lane-switch';
import type { Clock, Telemetry } from '../../core/ports';

const KEPT_MS = 3_600_000;

/** Counts the frames that pass through a telemetry and are meant for the gpu lane, for the last hour. */
export class CountedFrames implements FrameCounts {
  private counted: { readonly atMs: number; readonly frames: number }[] = [];

  constructor(private readonly clock: Clock) {}

  /** The same telemetry, with its frames counted here too. */
  of(telemetry: Telemetry): Telemetry {
    return {
      log: (level, message, fields) => telemetry.log(level, message, fields),
      count: (metric, value, dimensions) => {
        telemetry.count(metric, value, dimensions);
        if (metric === 'framesMeantForGpu') this.note(value);
      },
    };
  }

  async framesMeantForGpu({
    from,
    to,
  }: {
    readonly from: Date;
    readonly to: Date;
  }): Promise<number> {
    return this.counted
      .filter(({ atMs }) => atMs >= from.getTime() && atMs < to.getTime())
      .reduce((sum, { frames }) => sum + frames, 0);
  }

  private note(frames: number): void {
    const atMs = this.clock.now().getTime();
    this.counted = this.counted.filter((one) => one.atMs > atMs - KEPT_MS);
    this.counted.push({ atMs, frames });
  }
}
