import { diffFleets, type FleetChange } from './diff';
import { setTier } from './edit';
import { parseFleetFiles } from './parse';
import type { FleetText } from './read-text';
import { diffText } from './text-diff';

export interface TierChange {
  readonly file: string;
  readonly diff: string;
  readonly changes: {
    readonly cameras: string[];
    readonly what: string[];
    readonly usdPerMonth: FleetChange['usdPerMonth'];
  }[];
}

/**
 * What a fleet's files would have to say for a camera to be in another tier, and what that changes.
 * @returns null where no file names the camera
 * @throws {FleetFileError} where the fleet would no longer be one, such as for a tier that does not exist
 */
export function changeTier(
  before: readonly FleetText[],
  { camera, tier, now }: { readonly camera: string; readonly tier: string; readonly now: string },
): TierChange | null {
  const edited = before.map(({ file, text }) => ({ file, text: setTier(text, camera, tier) }));
  const index = edited.findIndex(({ text }) => text !== null);
  const found = before[index];
  const text = edited[index]?.text;
  if (!found || text === null || text === undefined) return null;
  const after = before.map((one) => (one === found ? { ...one, text } : one));
  const changes = diffFleets(parseFleetFiles(before), parseFleetFiles(after), now);
  return {
    file: found.file,
    diff: diffText(found.file, found.text, text),
    changes: changes.map(({ cameras, what, usdPerMonth }) => ({
      cameras: [...cameras],
      what: [...what],
      usdPerMonth,
    })),
  };
}
