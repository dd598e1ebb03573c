import * as z from 'zod';
import { type HealthAlert, healthAlertSchema } from './health';
import { type Alert, alertSchema } from './segment-result';

/** What a webhook is posted, a command reads and stdout shows: `id` is what to deduplicate by. */
export const notificationSchema = z.discriminatedUnion('kind', [
  alertSchema.omit({ status: true }).extend({ kind: z.literal('alert') }),
  healthAlertSchema.omit({ status: true, notify: true }).extend({ kind: z.literal('health') }),
]);
export type Notification = z.infer<typeof notificationSchema>;

export function notificationOf(alert: Alert | HealthAlert): Notification {
  if ('state' in alert) {
    const { status: _, notify: __, ...rest } = alert;
    return { kind: 'health', ...rest };
  }
  const { status: _, ...rest } = alert;
  return { kind: 'alert', ...rest };
}
