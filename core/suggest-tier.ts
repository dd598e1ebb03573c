/** A tier as far as a suggestion looks at it. */
export interface TierChoice {
  readonly tier: string;
  readonly lane: 'cpu' | 'gpu';
  readonly sampleIntervalSeconds: number;
  /** Of this camera (USD); null: a lane that is not priced by the camera. */
  readonly usdPerMonth: number | null;
}

/** What a camera's footage of the last days was like. */
export interface CameraActivity {
  readonly footageSeconds: number;
  /** Seconds with something moving in the picture. */
  readonly movingSeconds: number;
}

export interface TierSuggestion {
  readonly tier: string;
  readonly why: string;
}

/** Less footage than a day says nothing about a night. */
export const LEAST_FOOTAGE_SECONDS = 86_400;
/** Up to this share of the time with something moving a camera counts as quiet. */
export const QUIET_UP_TO_RATIO = 0.05;
/** Busy cameras are sampled at least this often, quiet ones up to ten times less (s). */
const BUSY_INTERVAL_SECONDS = 1;
const QUIET_INTERVAL_SECONDS = 10;

/**
 * The tier that a camera's numbers suggest: of those that sample often enough for how busy it is, the
 * cheapest. Only tiers that are priced by the camera are suggested: a GPU pays for the sum of many cameras.
 */
export function suggestTier(
  current: string,
  activity: CameraActivity,
  tiers: readonly TierChoice[],
): TierSuggestion {
  const { footageSeconds, movingSeconds } = activity;
  if (footageSeconds < LEAST_FOOTAGE_SECONDS) {
    return { tier: current, why: `${analysed(footageSeconds)}: less than a day says too little` };
  }
  const movingRatio = Math.min(1, movingSeconds / footageSeconds);
  const isQuiet = movingRatio <= QUIET_UP_TO_RATIO;
  const intervalSeconds = isQuiet ? QUIET_INTERVAL_SECONDS : BUSY_INTERVAL_SECONDS;
  const [best] = tiers
    .filter((one) => one.usdPerMonth !== null && one.sampleIntervalSeconds <= intervalSeconds)
    .toSorted(byPrice);
  const seen = `something moves ${percent(movingRatio)} of the time`;
  if (!best) {
    return { tier: current, why: `${seen}; no tier samples every ${intervalSeconds} s or oftener` };
  }
  const now = tiers.find(({ tier }) => tier === current);
  if (best.tier === current) return { tier: current, why: `${seen}: ${reason(isQuiet)}` };
  return { tier: best.tier, why: `${seen}: ${reason(isQuiet)}; ${difference(now, best)}` };
}

/** By price, then by oftener samples, then by name. */
function byPrice(a: TierChoice, b: TierChoice): number {
  return (
    a.usdPerMonth! - b.usdPerMonth! ||
    a.sampleIntervalSeconds - b.sampleIntervalSeconds ||
    (a.tier < b.tier ? -1 : 1)
  );
}

function reason(isQuiet: boolean): string {
  return isQuiet
    ? `at most ${percent(QUIET_UP_TO_RATIO)} is quiet, and the cheapest tier will do`
    : `more than ${percent(QUIET_UP_TO_RATIO)} wants a sample every ${BUSY_INTERVAL_SECONDS} s`;
}

function difference(now: TierChoice | undefined, best: TierChoice): string {
  if (!now || now.usdPerMonth === null) return `$${best.usdPerMonth!.toFixed(2)} a month`;
  const usd = best.usdPerMonth! - now.usdPerMonth;
  return `${usd < 0 ? 'saves' : 'costs'} $${Math.abs(usd).toFixed(2)} a month${usd < 0 ? '' : ' more'}`;
}

function analysed(seconds: number): string {
  if (seconds === 0) return 'no footage analysed';
  const amount =
    seconds < 3600 ? `${Math.ceil(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
  return `${amount} of footage analysed`;
}

function percent(ratio: number): string {
  const value = ratio * 100;
  return `${value > 0 && value < 1 ? value.toFixed(1) : value.toFixed(0)} %`;
}
