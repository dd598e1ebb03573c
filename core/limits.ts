/** What one file may ask of the platform: a video file is hostile input. Its schema is apart: decoders start without. */
export interface Limits {
  /** Width × height of the pictures (px). */
  readonly maxPixels: number;
  /** Size of a file (bytes). */
  readonly maxBytes: number;
  /** Frames of one time range. */
  readonly maxFrames: number;
  /** Length of a recording (s). */
  readonly maxSeconds: number;
  /** How far ahead of now a segment may start (min). */
  readonly maxClockSkewMinutes: number;
}
/** The part that opening a file checks. */
export type VideoLimits = Pick<Limits, 'maxPixels' | 'maxBytes' | 'maxFrames'>;

export const DEFAULT_LIMITS: Limits = {
  maxPixels: 4096 * 2304,
  maxBytes: 8 * 1024 ** 3,
  maxFrames: 60 * 3600,
  maxSeconds: 86_400,
  maxClockSkewMinutes: 10,
};

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
