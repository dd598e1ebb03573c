import { z } from 'zod';
import { type Alert, alertSchema } from './segment-result';

/** What a webhook is posted, a command reads and stdout shows: `id` is what to deduplicate by. */
export const notificationSchema = alertSchema
  .omit({ status: true })
  .extend({ kind: z.literal('alert') });
export type Notification = z.infer<typeof notificationSchema>;

export function notificationOf(alert: Alert): Notification {
  const { status: _, ...rest } = alert;
  return { kind: 'alert', ...rest };
}
