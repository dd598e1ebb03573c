import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseFleetFiles } from '../core/fleet/parse';
import type { FleetText } from '../core/fleet/read-text';
import type { Fleet } from '../core/fleet/schema';
import { STARTER_TIER, starterFleet } from '../core/fleet/starter';
import { NAME_PATTERN } from '../core/segment-key';
import { DEMO_FLEET, DEMO_FOOTAGE, fleetTexts } from './options';

export const FLEET_OPTION = [
  '--fleet <file>',
  'fleet file (YAML); default: the demo’s for the demo’s footage, else the cameras found there, all in tier steady',
] as const;

/** The fleet that a command runs by, and the texts that it comes from. */
export interface NamedFleet {
  readonly fleet: Fleet;
  /** Read again, as they are now. */
  readonly texts: () => readonly FleetText[];
  /** What to say where nobody wrote one. */
  readonly notice: string | null;
}

const NAME = new RegExp(`^${NAME_PATTERN}$`);

/**
 * The file that is named; else the demo's for the demo's footage, and for other footage one that names the
 * cameras found in it.
 * @throws {UsageError} {@link FleetFileError}
 */
export function namedFleet({
  fleet,
  footage,
}: {
  readonly fleet?: string;
  readonly footage: string;
}): NamedFleet {
  const isDemo = resolve(footage) === DEMO_FOOTAGE;
  const path = fleet ?? (isDemo ? DEMO_FLEET : null);
  if (path !== null) {
    const texts = () => fleetTexts(path);
    return { fleet: parseFleetFiles(texts()), texts, notice: null };
  }
  const cameras = camerasIn(footage);
  const starter = { file: 'fleet.yaml', text: starterFleet(cameras) };
  return {
    fleet: parseFleetFiles([starter]),
    texts: () => [starter],
    notice: `No --fleet: all cameras (${cameras.length} now) are in tier ${STARTER_TIER}, without zones or alerts. To write a fleet file of your own: npx tierwatch fleet init --footage ${footage} > fleet.yaml, then --fleet fleet.yaml`,
  };
}

/** Cameras of a folder laid out as segment keys; none where there is no such folder. */
export function camerasIn(footage: string): string[] {
  return foldersIn(footage).flatMap((site) =>
    foldersIn(join(footage, site)).map((camera) => `${site}/${camera}`),
  );
}

function foldersIn(folder: string): string[] {
  try {
    const entries = readdirSync(folder, { withFileTypes: true });
    return entries
      .filter((entry) => entry.isDirectory() && NAME.test(entry.name))
      .map(({ name }) => name);
  } catch {
    return [];
  }
}
