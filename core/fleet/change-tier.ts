import { stringify } from 'yaml';
import type { FleetIndex } from './compile';
import { diffFleets, type FleetChange } from './diff';
import { setTier } from './edit';
import { parseFleetFiles } from './parse';
import type { FleetText } from './read-text';
import type { Fleet } from './schema';
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
    changes: changes.map(copyOf),
  };
}

/** What of a published fleet is known of one camera. */
export interface PublishedCamera {
  readonly index: FleetIndex;
  /** Null: the fleet does not name it. */
  readonly entry: Fleet['cameras'][string] | null;
}

/**
 * The same where only the published fleet is at hand: it has no comments and no files, so the difference is that
 * of the camera's own entry.
 * @returns null where the fleet does not name the camera
 * @throws {FleetFileError}
 */
export function changePublishedTier(
  { index, entry }: PublishedCamera,
  { camera, tier, now }: { readonly camera: string; readonly tier: string; readonly now: string },
): TierChange | null {
  if (entry === null) return null;
  const { schemaVersion: _, ...shared } = index;
  const rest = { file: 'published', text: stringify(shared) };
  const file = `${camera}, as published`;
  const before = { file, text: stringify({ cameras: { [camera]: entry } }) };
  const after = { file, text: setTier(before.text, camera, tier)! };
  const fleetOf = (text: FleetText): Fleet => parseFleetFiles([rest, text]);
  const changes = diffFleets(fleetOf(before), fleetOf(after), now);
  return { file, diff: diffText(file, before.text, after.text), changes: changes.map(copyOf) };
}

function copyOf({ cameras, what, usdPerMonth }: FleetChange): TierChange['changes'][number] {
  return { cameras: [...cameras], what: [...what], usdPerMonth };
}
