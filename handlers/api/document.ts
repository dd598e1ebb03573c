import { createApi, openApiDocument } from '../api';
import type { ApiDeps } from './deps';

/** docs/openapi.json. Registering a route reads nothing of what the route will answer from. */
export function renderOpenApi(): string {
  const document = openApiDocument(createApi({} as ApiDeps));
  return `${JSON.stringify(document, null, 2)}\n`;
}
