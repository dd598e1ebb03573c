import { FOOTAGE_PATH } from '../core/footage-access';
import { SESSION_COOKIE } from '../core/page-files';

/** A browser's session cookie holds its token: the gateway's authoriser reads the header alone. */
export const TOKEN_FROM_COOKIE = `function handler(event) {
  var request = event.request;
  var cookie = request.cookies['${SESSION_COOKIE}'];
  if (cookie && !request.headers.authorization) {
    request.headers.authorization = { value: 'Bearer ' + cookie.value };
  }
  return request;
}
`;

/**
 * Footage has its own keys in its bucket: the path that tells it apart goes, after its cookies were checked.
 * What could mean another site's path to whoever reads it next is refused: no key of ours has such parts, and nobody
 * asks footage a question.
 */
export const KEY_FROM_PATH = `function handler(event) {
  var request = event.request;
  if (Object.keys(request.querystring).length > 0) return { statusCode: 403 };
  if (/%|\\\\|\\/\\/|\\/\\.{1,2}(\\/|$)/.test(request.uri)) return { statusCode: 403 };
  if (request.uri.indexOf('${FOOTAGE_PATH}') === 0) {
    request.uri = request.uri.slice(${FOOTAGE_PATH.length - 1});
  }
  return request;
}
`;

/** Views of the page are paths of its own: what has no ending is the page itself. */
export const PAGE_FROM_PATH = `function handler(event) {
  var request = event.request;
  if (request.uri.split('/').pop().indexOf('.') < 0) request.uri = '/index.html';
  return request;
}
`;
