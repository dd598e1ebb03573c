import * as z from 'zod';
import { type AnalyticsRow, analyticsRowSchema } from './analytics-row-schema';

const { tier, lane, model } = analyticsRowSchema.shape;
/** Before `hasEarlier` a row named the tags of the earlier analyses whose points it took the place of. */
const replacesSchema = z.array(z.strictObject({ tier, lane, model })).max(100);

/** Rows as the queue may hold them: of this version, and of earlier ones for as long as it keeps messages, dead ones longest: 14 days. */
export const queuedRowsSchema = analyticsRowSchema
  .extend({ replaces: replacesSchema.optional() })
  .array();
export type QueuedRow = z.infer<typeof queuedRowsSchema>[number];

/**
 * A queued row as this version writes it.
 * @param sentMs when it was enqueued, ms since 1970: no earlier than the analysis that a row without `currentAt` tells of, and no
 * later than any that followed it
 */
export function rowOfQueued({ replaces, ...row }: QueuedRow, sentMs: number): AnalyticsRow {
  if (!replaces) return row;
  const currentAt = row.currentAt ?? new Date(sentMs).toISOString();
  return { ...row, currentAt, hasEarlier: true };
}
