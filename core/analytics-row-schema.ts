import * as z from 'zod';

const text = z.string().min(1).max(1024);
const lane = z.enum(['cpu', 'gpu']);

/** One row a segment and range for the analytics; `fields` are numbers by name, with their units. */
export const analyticsRowSchema = z.strictObject({
  at: z.iso.datetime({ precision: 3 }),
  site: text,
  camera: text,
  tier: text,
  lane,
  model: text,
  segmentKey: text,
  range: text,
  fields: z.record(text, z.number()),
  /** When the analysis that it tells of became the range's: a row of an earlier one that comes later changes nothing. */
  currentAt: z.iso.datetime({ precision: 3 }).optional(),
  /** Earlier versions of the object were analysed too: whatever their rows say, they count no longer. */
  hasEarlier: z.literal(true).optional(),
});
export type AnalyticsRow = Readonly<z.infer<typeof analyticsRowSchema>>;
