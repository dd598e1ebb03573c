import * as z from 'zod';

/** What one file may ask of the platform: a video file is hostile input. */
export const limitsSchema = z.strictObject({
  maxPixels: z
    .number()
    .int()
    .min(1)
    .max(100_000_000)
    .default(4096 * 2304)
    .describe('Width × height of the pictures (px)'),
  maxBytes: z
    .number()
    .int()
    .min(1)
    .default(8 * 1024 ** 3)
    .describe('Size of a file (bytes)'),
  maxFrames: z
    .number()
    .int()
    .min(1)
    .default(60 * 3600)
    .describe('Frames of one time range'),
  maxSeconds: z
    .number()
    .positive()
    .max(604_800)
    .default(86_400)
    .describe('Length of a recording (s)'),
  maxClockSkewMinutes: z
    .number()
    .min(0)
    .max(1440)
    .default(10)
    .describe('How far ahead of now a segment may start (min)'),
});
export type Limits = z.infer<typeof limitsSchema>;
/** The part that opening a file checks. */
export type VideoLimits = Pick<Limits, 'maxPixels' | 'maxBytes' | 'maxFrames'>;

export const DEFAULT_LIMITS: Limits = limitsSchema.parse({});

/** What a queue keeps (days): footage that is older and has no row gets none by itself any more. */
export const QUEUE_KEPT_DAYS = 4;
/** Every delivery after this one is a dead letter. */
export const MAX_DELIVERIES = 5;
/**
 * A message is hidden for this many timeouts of the function that works it.
 * https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
 */
export const VISIBILITY_FACTOR = 6;
/** Timeouts of the functions, seconds (contracts 11). */
export const FUNCTION_TIMEOUT_SECONDS = {
  route: 90,
  'detect-cpu': 120,
  'detect-gpu': 120,
  'endpoint-power': 30,
  'lane-switch': 60,
  alerts: 60,
  analytics: 60,
  'analytics-query': 29,
  'analytics-setup': 300,
  'roll-up': 300,
  api: 29,
  retention: 300,
} as const;
