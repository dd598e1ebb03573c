import { createApi } from '../../handlers/api';
import type { ApiDeps } from '../../handlers/api/deps';
import type { LocalAccess } from './access';
import { type StaticPage, sentence } from './static-page';

/** Page and api under one name: what begins with /api is the api's. @param page null: the api alone */
export function siteOf(
  deps: ApiDeps,
  { isKnownHost, page }: Pick<LocalAccess, 'isKnownHost'> & { readonly page: StaticPage | null },
): (request: Request) => Response | Promise<Response> {
  const api = createApi(deps);
  return (request) => {
    const { pathname } = new URL(request.url);
    if (page === null || pathname === '/api' || pathname.startsWith('/api/')) {
      return api.fetch(request);
    }
    if (isKnownHost(request)) return page.answer(request);
    return sentence(421, 'This machine answers under its own name only: localhost or 127.0.0.1.');
  };
}
