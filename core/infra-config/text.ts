import * as z from 'zod';
import { expected } from '../text-schemas';

/** Time for which something is kept. */
export const days = z.number().int().min(1).max(3650);

export const emails = z.array(z.email({ error: expected('an e-mail address') })).max(10);

export const httpsAddress = z.url({
  protocol: /^https$/,
  error: expected('an address that begins with https://'),
});
