import type { MapKey } from './key-patterns';
import type { FootageShelf, Quarantine, SegmentStore, ShelvedObject } from './ports';

export interface LookDeps {
  readonly shelf: Pick<FootageShelf, 'list'>;
  readonly store: Pick<SegmentStore, 'itemsOfCamera'>;
  readonly quarantine: Pick<Quarantine, 'isRejected'>;
  readonly mapKey: MapKey;
}

/** Footage without a row. */
export interface Unanalysed {
  readonly object: Pick<ShelvedObject, 'objectKey' | 'objectVersion'>;
  /** ISO instant at which it ended, or started where its key tells no length. */
  readonly at: string;
}

/** Most keys that one look lists: a day of a camera in segments of 5 s, of 13 cameras in segments of 60 s. */
export const MAX_LOOK_KEYS = 20_000;
/** Quarantined footage that is passed over before one is taken as it is: each is a read of the table. */
const MAX_REJECTED = 1000;
const SECOND_MS = 1000;

/**
 * The oldest footage under a prefix that has no row and is not in quarantine, whatever layout its keys have; deletes nothing.
 * @returns `isCapped`: there are more keys than one look lists
 */
export async function lookThrough(
  prefix: string,
  deps: LookDeps,
): Promise<{ readonly oldest: Unanalysed | null; readonly isCapped: boolean }> {
  const byCamera = new Map<string, Listed[]>();
  let listed = 0;
  for await (const object of deps.shelf.list(prefix)) {
    if (++listed > MAX_LOOK_KEYS) break;
    const { mapped } = deps.mapKey(object.objectKey);
    if (!mapped) continue;
    const { camera, startedAt } = mapped;
    const found = byCamera.get(camera) ?? [];
    found.push({ object, startedAt, at: later(startedAt, mapped.seconds ?? 0) });
    byCamera.set(camera, found);
  }
  const without: Unanalysed[] = [];
  for (const [camera, found] of byCamera) {
    const analysed = await analysedKeys(camera, found, deps);
    for (const one of found) if (!analysed.has(one.object.objectKey)) without.push(one);
  }
  return { oldest: await oldestOf(without, deps), isCapped: listed > MAX_LOOK_KEYS };
}

interface Listed extends Unanalysed {
  readonly startedAt: string;
}

async function analysedKeys(
  camera: string,
  found: readonly Listed[],
  { store }: Pick<LookDeps, 'store'>,
): Promise<ReadonlySet<string>> {
  const starts = found.map(({ startedAt }) => startedAt).sort();
  const span = { from: starts[0]!, to: later(starts.at(-1)!, 1) };
  const keys = new Set<string>();
  for await (const { objectKey } of store.itemsOfCamera(camera, span)) keys.add(objectKey);
  return keys;
}

/** The oldest that is not in quarantine: what can't be read is told of there. */
export async function oldestOf(
  without: readonly Unanalysed[],
  { quarantine }: Pick<LookDeps, 'quarantine'>,
): Promise<Unanalysed | null> {
  const byAge = without.toSorted((a, b) => a.at.localeCompare(b.at));
  for (const one of byAge.slice(0, MAX_REJECTED)) {
    const { objectKey, objectVersion } = one.object;
    if (!(await quarantine.isRejected(objectKey, objectVersion))) return one;
  }
  return byAge[MAX_REJECTED] ?? null;
}

function later(at: string, seconds: number): string {
  return new Date(Date.parse(at) + seconds * SECOND_MS).toISOString();
}
