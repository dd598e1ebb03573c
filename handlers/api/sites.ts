import { BadRequestError, SiteNotAllowedError } from './problem';

/** The sites that a request may see; null: every site. */
export type Sites = readonly string[] | null;

/** @throws {SiteNotAllowedError} whether or not there is such a site */
export function requireSite(sites: Sites, site: string): void {
  if (sites !== null && !sites.includes(site)) throw new SiteNotAllowedError(site);
}

/**
 * The sites that an answer may be made of.
 * @throws {SiteNotAllowedError} @throws {BadRequestError} where the camera is of another site
 */
export function narrow(
  sites: Sites,
  { site, camera }: { readonly site?: string | undefined; readonly camera?: string | undefined },
): Sites {
  const cameraSite = camera?.split('/')[0];
  const asked = site ?? cameraSite;
  if (asked === undefined) return sites;
  requireSite(sites, asked);
  if (cameraSite === undefined || cameraSite === asked) return [asked];
  const message = `expected a camera of "${asked}", found one of another site`;
  throw new BadRequestError(`"camera": ${message}`, [{ in: 'query', field: 'camera', message }]);
}

/** Whether a camera's site is one of them. */
export function isOfSites(sites: Sites, camera: string): boolean {
  return sites === null || sites.includes(camera.split('/')[0]!);
}
