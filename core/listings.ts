import * as z from 'zod';
import { detectionEventSchema } from './segment-result';

const instant = z.iso.datetime({ precision: 3 });

/** One line of `tierwatch segments --json`. */
export const segmentLineSchema = z.strictObject({
  status: z.enum(['quarantined', 'waiting', 'done']),
  segmentKey: z.string().describe('Of a quarantined file: its key as stored'),
  note: z.string().describe('What was seen, or why it is where it is'),
});
export type SegmentLine = z.infer<typeof segmentLineSchema>;

/** One line of `tierwatch dead-letters list --json`. */
export const deadLetterLineSchema = z.strictObject({
  queue: z
    .enum(['route', 'detect-cpu', 'detect-gpu', 'analytics'])
    .describe('The function that it was for'),
  id: z.string(),
  body: z.unknown(),
  cause: z.string(),
  deadAt: instant,
});

/** One line of `tierwatch cameras --json`. */
export const cameraLineSchema = z.strictObject({
  camera: z.string(),
  segments: z.number().int().min(0),
  firstAt: instant.nullable(),
  lastAt: instant.nullable(),
  clockAheadSeconds: z.number().min(0),
  overlaps: z.array(
    z.strictObject({ segmentKey: z.string(), withSegmentKey: z.string(), seconds: z.number() }),
  ),
  lastLandedAt: instant.nullable().describe('When footage landed last'),
  silentSince: instant.nullable().describe('Last landing before a silence that goes on'),
});
export type CameraLine = z.infer<typeof cameraLineSchema>;

/** One line of `tierwatch rerun --json`. */
export const eventChangeSchema = detectionEventSchema.extend({
  change: z.enum(['lost', 'gained']),
});

/** One line of `tierwatch fleet check --keys --json`. */
export const keyLineSchema = z.strictObject({
  key: z.string(),
  isKnown: z.boolean().describe('The fleet file names the camera'),
  mapped: z
    .strictObject({
      key: z.string(),
      site: z.string(),
      camera: z.string(),
      startedAt: instant,
      seconds: z.number().nullable().describe('Null: the file is probed'),
      extension: z.enum(['mp4', 'ts', 'mkv']),
    })
    .nullable(),
  reason: z.string().optional().describe('Why no layout fits'),
});
