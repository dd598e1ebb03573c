import * as z from 'zod';
import { DEFAULT_LIMITS, type Limits } from './limits';

/** Limits as a fleet file may set them. */
export const limitsSchema = z.strictObject({
  maxPixels: z
    .number()
    .int()
    .min(1)
    .max(100_000_000)
    .default(DEFAULT_LIMITS.maxPixels)
    .describe('Width × height of the pictures (px)'),
  maxBytes: z
    .number()
    .int()
    .min(1)
    .default(DEFAULT_LIMITS.maxBytes)
    .describe('Size of a file (bytes)'),
  maxFrames: z
    .number()
    .int()
    .min(1)
    .default(DEFAULT_LIMITS.maxFrames)
    .describe('Frames of one time range'),
  maxSeconds: z
    .number()
    .positive()
    .max(604_800)
    .default(DEFAULT_LIMITS.maxSeconds)
    .describe('Length of a recording (s)'),
  maxClockSkewMinutes: z
    .number()
    .min(0)
    .max(1440)
    .default(DEFAULT_LIMITS.maxClockSkewMinutes)
    .describe('How far ahead of now a segment may start (min)'),
}) satisfies z.ZodType<Limits>;
