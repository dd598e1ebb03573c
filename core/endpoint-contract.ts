import * as z from 'zod';
import { analysisSettingsSchema } from './camera-settings';
import { detectionSchema } from './detection';
import { pickedPacketsSchema } from './picked-packets';
import { NAME_PATTERN } from './segment-key';
import {
  packetGateReportSchema,
  packetSummarySchema,
  presenceSchema,
  sampledFrameSchema,
} from './segment-result';

const seconds = z.number().min(0);
const count = z.number().int().min(0);
const statistics = z.strictObject({ median: z.number(), mad: z.number(), samples: count });

/** Requests that one server holds at once, past them 503. */
export const MAX_PENDING = 64;

/** The `settings` part of a request to the model server (contracts 13): JSON, beside one media part. */
export const endpointSettingsSchema = z.strictObject({
  schemaVersion: z.literal(1),
  camera: z
    .string()
    .regex(new RegExp(`^${NAME_PATTERN}/${NAME_PATTERN}$`))
    .describe('site/camera: the server is fair among them'),
  startedAt: z.iso.datetime().describe('Instant at which the range starts'),
  settings: analysisSettingsSchema,
  floor: z
    .strictObject({
      floorId: z.string(),
      phases: z.array(statistics.extend({ phaseSeconds: z.number() })),
      all: statistics,
    })
    .nullable()
    .describe('Frozen packet floor of the camera; null: the packet gate abstains'),
  range: z
    .strictObject({ fromSeconds: seconds, toSeconds: seconds })
    .nullable()
    .describe('Part of the media that is analysed (s from its first frame); null: all of it'),
  packets: pickedPacketsSchema
    .optional()
    .describe('The media holds only these packets of a video; default: all of them'),
  wantsSnapshots: z.boolean().describe('Best frame of each class and zone as JPEG, masks blacked'),
  deadlineMs: z
    .number()
    .int()
    .min(100)
    .max(900_000)
    .describe('Past it nobody waits for the answer: the work is dropped (ms from receipt)'),
});
export type EndpointSettings = z.infer<typeof endpointSettingsSchema>;

const timingsSchema = z.strictObject({
  queueMs: z.number().min(0).describe('Until a decoder took it (ms)'),
  decodeMs: z.number().min(0).describe('CPU of decoding and gates (ms); 0 for pictures'),
  totalMs: z.number().min(0).describe('From receipt to answer (ms)'),
  inferMs: z.number().min(0).describe('This request’s share of its batches (ms)'),
});

const workSchema = {
  schemaVersion: z.literal(1),
  model: z.string(),
  modelSha256: z.string(),
  timings: timingsSchema,
  batches: z.strictObject({
    count: count.describe('Batches that its frames travelled in'),
    largest: count.describe('Frames in the largest of them, other requests’ among them'),
  }),
};

/** The answer to `video/mp4`: what the cpu lane's analysis of the same bytes would say. */
export const endpointAnswerSchema = z.strictObject({
  ...workSchema,
  analysis: z.strictObject({
    frames: z.array(sampledFrameSchema),
    framesDecoded: count,
    framesInferred: count,
    packetGate: packetGateReportSchema,
    packetSummary: packetSummarySchema,
    partialReason: z.string().nullable(),
  }),
  presences: z.array(presenceSchema),
  snapshots: z.array(
    z.strictObject({ className: z.string(), zone: z.string(), jpegBase64: z.base64() }),
  ),
  video: z.strictObject({
    widthPx: count,
    heightPx: count,
    codec: z.string(),
    durationSeconds: seconds,
  }),
  cpuSeconds: seconds.describe('Decoding and gates, on the server (s)'),
});
export type EndpointAnswer = z.infer<typeof endpointAnswerSchema>;

/** The answer to `image/jpeg` parts: detections of each picture, in their order. */
export const picturesAnswerSchema = z.strictObject({
  ...workSchema,
  pictures: z.array(z.strictObject({ detections: z.array(detectionSchema) })),
});
export type PicturesAnswer = z.infer<typeof picturesAnswerSchema>;

/** The answer to what the server refuses: 4xx, or 503 with `Retry-After`. */
export const endpointProblemSchema = z.strictObject({
  code: z.string().describe('As in docs/errors.md'),
  reason: z.string(),
});
export type EndpointProblem = z.infer<typeof endpointProblemSchema>;
