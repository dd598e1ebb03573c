import * as z from 'zod';
import { detectionEventSchema, sampledFrameSchema } from './segment-result';

const instant = z.iso.datetime({ precision: 3 });
const count = z.number().int().min(0);
const seconds = z.number().min(0);

/** An uploaded video and everything about it goes after this long. */
export const UPLOAD_LIFE_HOURS = 24;
/** Of one upload, bytes: 2 GiB. */
export const UPLOAD_MAX_BYTES = 2 * 1024 ** 3;
/** Site that uploads belong to. */
export const UPLOAD_SITE = 'uploads';

/** Containers that are taken, by the end of the name. */
export const UPLOAD_TYPES = {
  mp4: 'video/mp4',
  m4v: 'video/mp4',
  mov: 'video/quicktime',
  ts: 'video/mp2t',
  mkv: 'video/x-matroska',
} as const;
export type UploadExtension = keyof typeof UPLOAD_TYPES;

/** What a tier would cost a month, were every hour like a piece of footage. */
export const tierEstimateSchema = z.strictObject({
  tier: z.string(),
  lane: z.enum(['cpu', 'gpu']),
  sampleIntervalSeconds: z.number(),
  usdPerMonth: z
    .number()
    .min(0)
    .nullable()
    .describe('A camera-month (USD); null: a lane whose price is its endpoint’s, not a camera’s'),
  lines: z.array(
    z.strictObject({
      name: z.enum(['compute', 'requests', 'storage', 'analytics']),
      usdPerMonth: z.number().min(0),
      isVerified: z.boolean(),
      basis: z.string(),
    }),
  ),
  basis: z.string().describe('What was measured'),
});
export type TierEstimate = z.infer<typeof tierEstimateSchema>;

export const uploadResultSchema = z.strictObject({
  durationSeconds: seconds,
  widthPx: count,
  heightPx: count,
  codec: z.enum(['h264', 'hevc']),
  tier: z.string().describe('Tier of the frames and events'),
  model: z.string(),
  isPartial: z.boolean(),
  partialReason: z.string().nullable(),
  startedAt: instant.describe(
    'Instant that the video’s first frame is given; events count from it',
  ),
  frames: z.array(sampledFrameSchema).describe('By time, from the start of the video'),
  events: z.array(detectionEventSchema),
  work: z.strictObject({
    framesSampled: count,
    framesDecoded: count,
    framesInferred: count,
    cpuSeconds: seconds.describe('Of the tier’s own analysis (s)'),
    wallSeconds: seconds,
  }),
  tiers: z.array(tierEstimateSchema).describe('A camera-month at each tier'),
  assumptions: z.string().describe('What the camera-month takes for granted'),
});
export type UploadResult = z.infer<typeof uploadResultSchema>;

/** A video that somebody tries, from its upload to its end a day later. */
export const uploadSchema = z.strictObject({
  id: z.string().regex(/^[0-9a-f]{32}$/),
  name: z.string().describe('As it was called; nothing is stored under it'),
  bytes: count,
  status: z.enum(['waiting', 'working', 'done', 'failed']),
  progressRatio: z.number().min(0).max(1).describe('Of the analysis (0-1)'),
  createdAt: instant,
  expiresAt: instant,
  error: z
    .strictObject({ code: z.string(), message: z.string() })
    .nullable()
    .describe('Why it failed'),
  result: uploadResultSchema.nullable().describe('Once it is done'),
});
export type Upload = z.infer<typeof uploadSchema>;
