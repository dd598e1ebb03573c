import { assumedCostOf, assumedCpuSecondsPerHour } from './assumed-cost';
import type { CameraSettings } from './camera-settings';
import type { TierChoice } from './suggest-tier';
import { costOfTier, type MeasuredWork } from './tier-cost';

type TierSettings = Pick<CameraSettings, 'tier' | 'lane' | 'analysis' | 'retention'>;

export interface PricedTier extends TierChoice {
  /** False: by assumed usage, for nothing was measured. */
  readonly isMeasured: boolean;
}

/**
 * What a camera would cost a month at each tier. Its own footage is priced by what was measured; CPU seconds
 * are scaled by what the sampling of the one tier needs against the other.
 * @param rows measured work by tier
 * @param choices the camera's settings at each tier
 * @param current the tier whose measurements are preferred
 */
export function priceTiers(
  rows: readonly (MeasuredWork & { readonly tier: string })[],
  choices: readonly TierSettings[],
  current: string,
): PricedTier[] {
  const [measured] = rows
    .filter((row) => row.footageSeconds > 0 && choices.some(({ tier }) => tier === row.tier))
    .toSorted((a, b) => rank(b, current) - rank(a, current));
  const source = choices.find(({ tier }) => tier === measured?.tier);
  return choices.map((choice): PricedTier => {
    const { tier, lane, analysis } = choice;
    const shown = { tier, lane, sampleIntervalSeconds: analysis.sampleIntervalSeconds };
    if (!measured || !source) {
      return { ...shown, usdPerMonth: assumedCostOf(choice), isMeasured: false };
    }
    if (lane === 'gpu') return { ...shown, usdPerMonth: null, isMeasured: true };
    const factor = assumedCpuSecondsPerHour(choice) / assumedCpuSecondsPerHour(source);
    // Without what the source's lane may have waited for its endpoint.
    const work = { ...measured, workUsd: undefined, cpuSeconds: measured.cpuSeconds * factor };
    const cost = costOfTier(work, choice.retention);
    return { ...shown, usdPerMonth: cost!.totalUsdPerMonth, isMeasured: true };
  });
}

/** The current tier before others, then the one with most footage. */
function rank({ tier, footageSeconds }: MeasuredWork & { tier: string }, current: string): number {
  return tier === current ? Number.MAX_VALUE : footageSeconds;
}
