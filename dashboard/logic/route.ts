/** The pages, in the order of the menu. */
export const PAGES = [
  'now',
  'camera',
  'playback',
  'fleet',
  'analytics',
  'try',
  'health',
  'errors',
] as const;
export type Page = (typeof PAGES)[number];

/** Where the reader is: a page, what it is about, and its settings; all of it is in the address. */
export interface Route {
  readonly page: Page;
  /** What follows the page: site and camera, or an error code. */
  readonly path: readonly string[];
  readonly settings: Readonly<Record<string, string>>;
}

/** The route of an address's `#/page/path?settings`; a page that does not exist is Now. */
export function parseRoute(hash: string): Route {
  const [address = '', query = ''] = hash.replace(/^#?\/?/, '').split('?', 2);
  const [first = '', ...rest] = address.split('/').map(decoded);
  const page = PAGES.find((one) => one === first);
  if (!page) return { page: 'now', path: [], settings: {} };
  return {
    page,
    path: rest.filter((part) => part !== ''),
    settings: Object.fromEntries(new URLSearchParams(query)),
  };
}

/** The address of a route; empty settings are left out. */
export function formatRoute({
  page,
  path = [],
  settings = {},
}: {
  readonly page: Page;
  readonly path?: readonly string[];
  readonly settings?: Readonly<Record<string, string | undefined>>;
}): string {
  const kept = Object.entries(settings).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && entry[1] !== '',
  );
  const query = new URLSearchParams(kept).toString();
  return `#/${[page, ...path].map(encodeURIComponent).join('/')}${query === '' ? '' : `?${query}`}`;
}

/** `site/camera` of a route's path, or null. */
export function cameraOf({ path }: Pick<Route, 'path'>): string | null {
  const [site, camera] = path;
  return site && camera ? `${site}/${camera}` : null;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
