import * as z from 'zod';
import { manifestSchema } from '../core/manifest';

/** manifest.schema.json: core's schema for those who are not TypeScript. */
export function renderManifestSchema(): string {
  return `${JSON.stringify(z.toJSONSchema(manifestSchema), null, 2)}\n`;
}
