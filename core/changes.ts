import * as z from 'zod';

const instant = z.iso.datetime({ precision: 3 });

/** What became of one segment: analysed, or rejected. */
export const segmentChangeSchema = z.strictObject({
  segmentKey: z.string().describe('Of a quarantined file: its key as stored'),
  camera: z.string().nullable().describe('site/camera; null: the key names none'),
  status: z.enum(['done', 'partial', 'quarantined']),
  at: instant.describe('When it was analysed or rejected'),
  lagSeconds: z
    .number()
    .min(0)
    .nullable()
    .describe('From the end of the segment to `at` (s); null: quarantined'),
});
export type SegmentChange = z.infer<typeof segmentChangeSchema>;

/** One entry of a store's change log, in the order in which they were written. */
export interface Change {
  /** Rises with every change, never used twice. */
  readonly number: number;
  readonly segment: SegmentChange;
  /** The span whose events it may have changed, ISO; null: none. */
  readonly period: { readonly from: string; readonly to: string } | null;
}

/** The changes behind a number, as many as one answer holds. */
export interface ChangePage {
  readonly changes: readonly Change[];
  /** Number of the last of all changes; 0 where there was none. */
  readonly last: number;
  /** False where some behind the number asked for are no longer known. */
  readonly isComplete: boolean;
}
