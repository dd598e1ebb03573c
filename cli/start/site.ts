import type { NamedFleet } from '../named-fleet';
import { ROOT } from '../options';
import { localAccess } from '../serve/access';
import { openEmbeddedApi } from '../serve/embedded-api';
import { builtPage } from '../serve/page-build';
import { siteOf } from '../serve/site';
import { StaticPage } from '../serve/static-page';
import { listen, tokenOf, type WebOptions } from '../serve/web';
import type { Platform } from './platform';

export interface SiteOptions extends WebOptions {
  /** Bundle that tiers call default. */
  readonly model: string;
  readonly footage: string;
  readonly data: string;
  readonly workers: number;
}

export interface StartedSite {
  close(): void;
}

/** Page and api beside the work; the page is built meanwhile where it has to be. */
export async function startSite(
  platform: Platform,
  {
    options,
    named,
    say,
  }: { readonly options: SiteOptions; readonly named: NamedFleet; say: (line: string) => void },
): Promise<StartedSite> {
  const { allowedSites, isKnownHost, signIn } = localAccess(tokenOf(options));
  const api = await openEmbeddedApi({
    ...options,
    named,
    modelFolder: options.model,
    allowedSites,
    ...(signIn ? { signIn } : {}),
    owner: {
      redrive: (ids) => platform.redrive(ids),
      workers: Math.ceil(options.workers / 2),
    },
    onError: (error, requestId) => say(`request ${requestId} failed: ${String(error)}`),
  });
  const page = new StaticPage();
  try {
    const server = await listen(siteOf(api.deps, { isKnownHost, page }), options);
    void builtPage(ROOT, say)
      .then((folder) => page.load(folder))
      .catch((error: unknown) => {
        page.fail(error instanceof Error ? error.message : String(error));
        say(`${String(error)}; the api is served without its page`);
      })
      .finally(() => console.log(`page: ${server.origin}/`));
    return {
      close: () => {
        server.close();
        api.close();
      },
    };
  } catch (error) {
    api.close();
    throw error;
  }
}
