import type { FleetIndex } from './fleet/compile';
import { patternParts } from './key-patterns';
import { localDate } from './local-time';

/**
 * How old (days) the footage of a customer's own layout is when it is looked for without a row: past what a queue keeps, thrice,
 * then again. Rows of quiet segments live 30 days at least (core/fleet/item-days.ts), so all of it still has its row.
 */
export const LOOK_AGES_DAYS: readonly number[] = [5, 6, 7, 14, 28];
const DAY_MS = 86_400_000;
type Layouts = Pick<FleetIndex, 'keyPatterns' | 'sites'>;

/** Prefixes under which a camera's footage of those days lies by the layouts that name a camera before anything unknown. */
export function looksOfCamera(layouts: Layouts, camera: string, now: string): string[] {
  const [site = '', name = ''] = camera.split('/');
  return looks(layouts, { site, name }, now);
}

/** Prefixes of those days that all cameras of a layout, or of a site of it, share. */
export function sharedLooks(layouts: Layouts, sites: readonly string[], now: string): string[] {
  const prefixes = sites.flatMap((site) => looks(layouts, { site, name: null }, now));
  return [...new Set(prefixes)];
}

interface Whose {
  readonly site: string;
  /** The camera's; null: of no camera. */
  readonly name: string | null;
}

function looks({ keyPatterns, sites }: Layouts, whose: Whose, now: string): string[] {
  const prefixes = keyPatterns.flatMap(({ pattern, site: fixed, time }) => {
    const site = fixed ?? whose.site;
    if (whose.name !== null && fixed !== undefined && fixed !== whose.site) return [];
    const isLocal = time === 'local' && Object.hasOwn(sites, site);
    const zone = isLocal ? sites[site]!.timezone : 'UTC';
    return LOOK_AGES_DAYS.flatMap((days) => {
      const date = localDate(new Date(Date.parse(now) - days * DAY_MS), zone);
      const { prefix, namesCamera } = prefixOf(pattern, { site, name: whose.name, date });
      return namesCamera === (whose.name !== null) ? [prefix] : [];
    });
  });
  return [...new Set(prefixes)];
}

interface Known extends Whose {
  /** `2026-11-20`. */
  readonly date: string;
}

/**
 * What every key of a day begins with, up to what is not known of it: a time of day, a length, a camera's name.
 * @returns `namesCamera`: whether it came as far as the camera
 */
function prefixOf(
  pattern: string,
  { site, name, date }: Known,
): { readonly prefix: string; readonly namesCamera: boolean } {
  const [yyyy, MM, dd] = date.split('-');
  const values = new Map<string, string | null | undefined>(
    Object.entries({ site, camera: name, yyyy, MM, dd }),
  );
  let prefix = '';
  let namesCamera = false;
  for (const { literal, field } of patternParts(pattern)) {
    if (field === 'camera') namesCamera = true;
    const text = literal ?? values.get(field);
    if (text === null || text === undefined) break;
    prefix += text;
  }
  return { prefix, namesCamera };
}
