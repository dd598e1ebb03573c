import type { FrameCounts } from '../../core/lane-switch';
import type { Clock, Telemetry } from '../../core/ports';

const KEPT_MS = 3_600_000;

/** Counts the frames that pass through a telemetry, by tier, for the last hour. */
export class CountedFrames implements FrameCounts {
  private counted: { readonly atMs: number; readonly tier: string; readonly frames: number }[] = [];

  constructor(private readonly clock: Clock) {}

  /** The same telemetry, with its frames counted here too. */
  of(telemetry: Telemetry): Telemetry {
    return {
      log: (level, message, fields) => telemetry.log(level, message, fields),
      count: (metric, value, dimensions) => {
        telemetry.count(metric, value, dimensions);
        if (metric === 'framesInferred' && dimensions) this.note(dimensions.tier, value);
      },
    };
  }

  async framesInferred(
    tiers: readonly string[],
    { from, to }: { readonly from: Date; readonly to: Date },
  ): Promise<number> {
    return this.counted
      .filter(({ atMs }) => atMs >= from.getTime() && atMs < to.getTime())
      .filter(({ tier }) => tiers.includes(tier))
      .reduce((sum, { frames }) => sum + frames, 0);
  }

  private note(tier: string, frames: number): void {
    const atMs = this.clock.now().getTime();
    this.counted = this.counted.filter((one) => one.atMs > atMs - KEPT_MS);
    this.counted.push({ atMs, tier, frames });
  }
}
