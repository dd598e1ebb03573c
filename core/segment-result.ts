import * as z from 'zod';
import { detectionSchema } from './detection';
import { boxSchema } from './geometry';

const seconds = z.number().min(0);
const count = z.number().int().min(0);

/** One sampled frame. `carried`: gate closed, the last detections hold; `gated`: closed, none. */
export const sampledFrameSchema = z.strictObject({
  atSeconds: seconds.describe('From the start of the file (s)'),
  source: z.enum(['inferred', 'carried', 'gated']),
  detections: z.array(detectionSchema),
});
export type SampledFrame = z.infer<typeof sampledFrameSchema>;

/** What one analysis cost; priced by core/price-book. */
export const usageSchema = z.strictObject({
  cpuSeconds: seconds.describe('User and system CPU of the child process (s)'),
  wallSeconds: seconds,
  footageSeconds: seconds,
  bytesRead: count,
  rowsWritten: count.describe('Store items written, snapshots and alerts included'),
  snapshotsWritten: count,
  snapshotBytes: count,
  gpuMs: seconds,
  waitSeconds: seconds
    .optional()
    .describe('Waited for the endpoint, its share where several did; none on the cpu lane (s)'),
});
export type Usage = z.infer<typeof usageSchema>;

export const packetGateReportSchema = z.strictObject({
  verdict: z.enum(['quiet', 'open', 'mixed', 'abstained', 'off']),
  reason: z.string(),
  floorId: z.string().nullable(),
});
export type PacketGateReport = z.infer<typeof packetGateReportSchema>;

/** The answer to one segment or file: one line of `--json` (contracts 6). */
export const segmentResultSchema = z.strictObject({
  segmentKey: z.string().optional(),
  file: z.string().optional(),
  startedAt: z.iso.datetime().nullable(),
  tier: z.string(),
  lane: z.enum(['cpu', 'gpu']),
  model: z.string(),
  analysisId: z.string(),
  status: z.enum(['done', 'partial']),
  partialReason: z.string().optional(),
  framesSampled: count,
  framesDecoded: count,
  framesInferred: count,
  packetGate: packetGateReportSchema,
  frames: z.array(sampledFrameSchema),
  usage: usageSchema,
});
export type SegmentResult = z.infer<typeof segmentResultSchema>;

const instant = z.iso.datetime({ precision: 3 });

/** Something of a class that moved or whose stillness is not established, between two instants. */
export const movingIntervalSchema = z.strictObject({ from: instant, to: instant, peak: count });
/** One thing that stood in the same place through the whole span. */
export const stillIntervalSchema = z.strictObject({ from: instant, to: instant, box: boxSchema });

/** Presence of one class in one zone during one segment (contracts 4, 5). */
export const presenceSchema = z.strictObject({
  className: z.string(),
  zone: z.string(),
  moving: z.array(movingIntervalSchema),
  still: z.array(stillIntervalSchema),
  peakCount: count,
  bestConfidence: z.number().min(0).max(1),
  bestAt: instant,
  snapshotKey: z.string().nullable(),
});
export type Presence = z.infer<typeof presenceSchema>;

/** Bits a macroblock in one-second windows: what the packet gate's floors are learned from. */
export const packetSummarySchema = z.strictObject({
  windows: z.array(
    z.strictObject({
      phaseSeconds: z.number().min(0).describe('Whole seconds since the keyframe'),
      bitsPerMacroblock: z.number().min(0),
    }),
  ),
});
export type PacketSummary = z.infer<typeof packetSummarySchema>;

/**
 * The durable record of one analysis: one per (segmentKey, objectVersion, range, analysisId),
 * written once by condition; `presences` is empty when the segment was quiet.
 */
export const segmentItemSchema = z.strictObject({
  schemaVersion: z.literal(1),
  segmentKey: z.string(),
  objectKey: z.string().describe('As stored: differs where keyPatterns mapped another layout'),
  objectVersion: z.string(),
  range: z
    .string()
    .regex(/^\d+-\d+$/)
    .describe('startMs-endMs from the start of the recording'),
  analysisId: z.string(),
  camera: z.string(),
  startedAt: instant.describe('Of the range'),
  endedAt: instant.describe('Of the range'),
  analysedAt: instant,
  tier: z.string(),
  lane: z.enum(['cpu', 'gpu']),
  model: z.string(),
  status: z.enum(['done', 'partial']),
  partialReason: z.string().optional(),
  framesSampled: count,
  framesDecoded: count,
  framesInferred: count,
  packetGate: packetGateReportSchema,
  presences: z.array(presenceSchema),
  frames: z.array(sampledFrameSchema),
  packetSummary: packetSummarySchema,
  usage: usageSchema,
});
export type SegmentItem = z.infer<typeof segmentItemSchema>;

/** The address of one item: what makes two analyses the same. */
export interface ItemId {
  readonly segmentKey: string;
  readonly objectVersion: string;
  readonly range: string;
  readonly analysisId: string;
}

/** A stitched event, derived from items when read, never stored (contracts 5). */
export const detectionEventSchema = z.strictObject({
  id: z.string(),
  camera: z.string(),
  className: z.string(),
  zone: z.string(),
  startedAt: instant,
  endedAt: instant,
  isStationary: z.boolean(),
  isOpen: z.boolean().describe('May still grow: nothing later has been analysed yet'),
  peakCount: count,
  bestConfidence: z.number().min(0).max(1),
  snapshotKey: z.string().nullable(),
  segmentKeys: z.array(z.string()),
});
export type DetectionEvent = z.infer<typeof detectionEventSchema>;

/** One alert: a record of its own, pending until it was handed over. */
export const alertSchema = z.strictObject({
  schemaVersion: z.literal(1),
  id: z.string(),
  camera: z.string(),
  rule: z.string(),
  notify: z.string(),
  className: z.string(),
  zone: z.string(),
  at: instant.describe('First matching instant'),
  confidence: z.number().min(0).max(1),
  segmentKey: z.string(),
  snapshotKey: z.string().nullable(),
  status: z.enum(['pending', 'sent', 'stale', 'suppressed']),
  createdAt: instant,
});
export type Alert = z.infer<typeof alertSchema>;
