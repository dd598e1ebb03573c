import type { AnalysisSettings } from './camera-settings';
import { stableHash } from './hash';

/** What an analysis is a pure function of, beside the bytes: never lane, variant, host or code revision. */
export function analysisIdOf(input: {
  readonly modelSha256: string;
  readonly settings: AnalysisSettings;
  readonly floorId: string | null;
}): string {
  return stableHash(input);
}
