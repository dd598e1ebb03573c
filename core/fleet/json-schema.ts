import * as z from 'zod';
import { fleetSchema } from './schema';

/** JSON Schema of a fleet file, for editors: `# yaml-language-server: $schema=schema.json`. */
export function renderFleetSchema(): string {
  const schema = z.toJSONSchema(fleetSchema, { io: 'input' });
  return `${JSON.stringify({ title: 'Tierwatch fleet', ...schema }, null, 2)}\n`;
}
