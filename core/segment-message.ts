import * as z from 'zod';
import { analysisSettingsSchema, cameraSettingsSchema } from './camera-settings';
import { spillReasonSchema } from './spill';

const text = z.string().min(1).max(1024);

/** What route fixes about one piece of work; a lane's queue carries it as JSON. */
export const segmentMessageSchema = z.strictObject({
  segmentKey: text,
  objectKey: text.describe('As stored: differs where keyPatterns mapped another layout'),
  objectVersion: text,
  range: z
    .string()
    .regex(/^\d{1,12}-\d{1,12}$/)
    .describe('startMs-endMs from the start of the recording'),
  analysisId: text,
  camera: text,
  tier: text,
  lane: cameraSettingsSchema.shape.lane,
  intendedLane: cameraSettingsSchema.shape.lane
    .optional()
    .describe('Where its camera’s settings put it, whatever lane switch and spill made of that'),
  model: cameraSettingsSchema.shape.model,
  floorId: text.nullable(),
  settings: analysisSettingsSchema,
  spilledFor: spillReasonSchema
    .optional()
    .describe('The gpu lane’s segment, worked by the cpu lane: why'),
  attempt: z.number().int().min(1).describe('Times it was sent, for want of time (contracts 11)'),
});
export type SegmentMessage = z.infer<typeof segmentMessageSchema>;
