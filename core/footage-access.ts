/** Footage is read under this path, by the key that it has. */
export const FOOTAGE_PATH = '/footage/';
/** Cookies for footage hold this long (s). */
export const FOOTAGE_ACCESS_SECONDS = 3600;

/** Cookies that let a browser read one site's footage for a while. */
export interface FootageAccess {
  /** Values by the cookie's name. */
  readonly cookies: Readonly<Record<string, string>>;
  readonly expiresAt: string;
}

/** Where one site's footage is read; cookies for it reach no further. */
export function footagePathOf(site: string): string {
  return `${FOOTAGE_PATH}${site}/`;
}
