import * as z from 'zod';
import { polygonSchema } from './geometry';

const ratio = z.number().min(0).max(1);
const className = z.string().regex(/^[a-z][a-z0-9 -]{0,62}$/);
const ruleName = z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/);
const clockRange = z
  .string()
  .regex(
    /^([01]\d|2[0-3]):[0-5]\d-(([01]\d|2[0-3]):[0-5]\d|24:00)$/,
    'expected local time "HH:MM-HH:MM", such as "22:00-06:00"',
  )
  .describe('Local time of day "HH:MM-HH:MM"; may pass midnight');

/** Object filters of one class; sizes are ratios of the picture's area. */
export const classFilterSchema = z.strictObject({
  minConfidence: ratio.optional().describe('Least confidence of this class (0-1)'),
  minArea: ratio.optional().describe('Least box area (0-1 of the picture)'),
  maxArea: ratio.optional().describe('Largest box area (0-1 of the picture)'),
  aspect: z
    .tuple([z.number().positive(), z.number().positive()])
    .optional()
    .describe('Least and largest width / height of a box, in pixels of the picture'),
  minSeconds: z
    .number()
    .min(0)
    .max(3600)
    .optional()
    .describe('Presence shorter than this is no event (s)'),
});
export type ClassFilter = z.infer<typeof classFilterSchema>;

export const alertRuleSchema = z.strictObject({
  name: ruleName.describe('Name of the rule, unique in its camera'),
  classes: z.array(className).min(1).describe('Classes that raise the alert'),
  zones: z.array(ruleName).min(1).optional().describe('Zones that raise it; default: frame'),
  between: clockRange.optional(),
  days: z.string().optional().describe('Days of the week: "mon-fri", "sat,sun"; default: all'),
  minConfidence: ratio.optional().describe('Least confidence (0-1); default: the camera’s'),
  cooldownMinutes: z.number().min(0).max(1440).default(10).describe('No second alert within (min)'),
  notify: ruleName.describe('Name of the notify target'),
});
export type AlertRule = z.infer<typeof alertRuleSchema>;

/**
 * Everything an analysis depends on, resolved for one camera at one instant.
 * Part of the analysisId: what does not change the answer does not belong here.
 */
export const analysisSettingsSchema = z.strictObject({
  sampleIntervalSeconds: z.number().min(0.1).max(60).describe('Seconds between samples'),
  packetGate: z.enum(['auto', 'off']).describe('Skip decoding where packet sizes prove quiet'),
  motionGate: z.boolean().describe('Skip inference where nothing moved since the last inference'),
  heartbeatSeconds: z
    .number()
    .min(1)
    .max(3600)
    .describe('Inside a long segment, infer at least this often (s)'),
  inputSize: z
    .string()
    .regex(/^(auto|\d{2,4}x\d{2,4})$/)
    .describe(
      'Model input "HEIGHTxWIDTH" in px, or auto: the bundle’s shape that fits the picture',
    ),
  classes: z
    .array(className)
    .min(1)
    .describe('Classes that count; those the model lacks are ignored'),
  minConfidence: ratio.describe('Least confidence of a detection (0-1)'),
  classFilters: z.record(className, classFilterSchema).describe('Object filters by class'),
  zones: z.record(ruleName, polygonSchema).describe('Named zones; "frame" always exists'),
  masks: z.array(polygonSchema).describe('No detection whose foot point lies here'),
  privacyMasks: z.array(polygonSchema).describe('Blacked out before inference and in snapshots'),
  send: z
    .literal('jpeg')
    .optional()
    .describe('The gpu lane’s endpoint is sent JPEG, whose pixels differ; default: packets'),
});
export type AnalysisSettings = z.infer<typeof analysisSettingsSchema>;

/** What is decided around an analysis: where it runs, what is done with its rows. */
export const cameraSettingsSchema = z.strictObject({
  camera: z.string().describe('site/camera'),
  tier: z.string(),
  lane: z.enum(['cpu', 'gpu']).describe('Where the analysis runs'),
  model: z
    .string()
    .regex(/^[a-z0-9][a-z0-9.-]{0,62}$/)
    .describe('Name of the model bundle; "default" is the one given at start'),
  timezone: z.string().describe('IANA time zone of the site'),
  analysis: analysisSettingsSchema,
  quietGapSeconds: z.number().min(0).max(3600).describe('An event closes after this quiet gap (s)'),
  stationaryAfterMinutes: z
    .number()
    .min(1)
    .max(1440)
    .describe(
      'What has not moved for this long is parked, and unseen for as long still is unless it was seen to leave (min)',
    ),
  preRollSeconds: z.number().min(0).max(600).describe('Kept before evidence (s)'),
  postRollSeconds: z.number().min(0).max(600).describe('Kept after evidence (s)'),
  alerts: z.array(alertRuleSchema),
  alertMaxAgeMinutes: z
    .number()
    .min(1)
    .max(5_256_000)
    .describe('Older alerts are recorded as stale and not sent (min)'),
  cameraSilentMinutes: z
    .number()
    .min(1)
    .max(10080)
    .nullable()
    .describe('A health alert when nothing landed for this long (min); null: never'),
  healthNotify: ruleName
    .nullable()
    .describe('Notify target of health alerts; null: recorded and shown only'),
  maxSegmentSeconds: z
    .number()
    .min(1)
    .max(3600)
    .describe('Longer recordings become time ranges (s)'),
  retention: z.strictObject({
    quietDays: z.number().min(0).max(3650).describe('Analysed quiet footage is kept (days)'),
    eventDays: z.number().min(0).max(3650).describe('Evidence is kept (days)'),
    archiveDays: z.number().min(0).max(3650).describe('Evidence is kept in the archive (days)'),
    maxBytes: z
      .number()
      .int()
      .positive()
      .nullable()
      .describe('Footage beyond this goes earlier, quiet first (bytes); null: no limit'),
  }),
});
export type CameraSettings = z.infer<typeof cameraSettingsSchema>;

/** Product defaults: the weakest layer of every camera's settings. */
export const PRODUCT_ANALYSIS_DEFAULTS: AnalysisSettings = {
  sampleIntervalSeconds: 5,
  packetGate: 'auto',
  motionGate: true,
  heartbeatSeconds: 60,
  inputSize: 'auto',
  classes: ['person', 'bicycle', 'car', 'motorcycle', 'bus', 'truck', 'vehicle'],
  minConfidence: 0.4,
  classFilters: {},
  zones: {},
  masks: [],
  privacyMasks: [],
};
