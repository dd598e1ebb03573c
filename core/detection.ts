import * as z from 'zod';
import { boxSchema } from './geometry';

/** What a detector saw in one picture. */
export const detectionSchema = z.strictObject({
  className: z.string().min(1),
  confidence: z.number().min(0).max(1),
  box: boxSchema,
});
export type Detection = z.infer<typeof detectionSchema>;
