import * as z from 'zod';
import {
  alertRuleSchema,
  analysisSettingsSchema,
  cameraSettingsSchema,
  classFilterSchema,
} from '../camera-settings';
import { polygonSchema } from '../geometry';
import { keyPatternSchema } from '../key-patterns';
import { limitsSchema } from '../limits-schema';
import { NAME_PATTERN } from '../segment-key';

const tierName = z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/);
const zoneName = tierName;
const name = z.string().regex(new RegExp(`^${NAME_PATTERN}$`));
const analysis = analysisSettingsSchema.shape;
const camera = cameraSettingsSchema.shape;

/** Settings that every layer may set; the strongest layer that does wins. */
const layer = {
  lane: camera.lane.optional(),
  model: camera.model.optional(),
  sampleIntervalSeconds: analysis.sampleIntervalSeconds.optional(),
  packetGate: analysis.packetGate.optional(),
  motionGate: analysis.motionGate.optional(),
  heartbeatSeconds: analysis.heartbeatSeconds.optional(),
  inputSize: analysis.inputSize.optional(),
  send: z
    .enum(['packets', 'jpeg'])
    .optional()
    .describe(
      'What the gpu lane’s endpoint is sent: the needed packets as they are, or their pictures as JPEG at the model’s width (docs/endpoint.md)',
    ),
  classes: analysis.classes.optional(),
  minConfidence: analysis.minConfidence.optional(),
  classFilters: z
    .record(z.string(), classFilterSchema)
    .optional()
    .describe('Object filters by class'),
  quietGapSeconds: camera.quietGapSeconds.optional(),
  stationaryAfterMinutes: camera.stationaryAfterMinutes.optional(),
  preRollSeconds: camera.preRollSeconds.optional(),
  postRollSeconds: camera.postRollSeconds.optional(),
  alertMaxAgeMinutes: camera.alertMaxAgeMinutes.optional(),
  cameraSilentMinutes: camera.cameraSilentMinutes.optional(),
  healthNotify: camera.healthNotify.optional(),
  maxSegmentSeconds: camera.maxSegmentSeconds.optional(),
  retention: camera.retention
    .partial()
    .optional()
    .describe('How long footage is kept; see Retention'),
} as const;

/** What is drawn on a picture: sites and cameras. */
const drawn = {
  zones: z
    .record(zoneName, polygonSchema)
    .optional()
    .describe('Named zones; "frame" always exists'),
  masks: z.array(polygonSchema).optional().describe('No detection whose foot point lies here'),
  'masks+': z.array(polygonSchema).optional().describe('Appended to the masks of the layers below'),
  privacyMasks: z
    .array(polygonSchema)
    .optional()
    .describe('Blacked out before inference and in snapshots'),
  'privacyMasks+': z
    .array(polygonSchema)
    .optional()
    .describe('Appended to those of the layers below'),
  alerts: z.array(alertRuleSchema).optional().describe('Alert rules; see Alerts'),
} as const;

const schedule = z
  .array(
    z.strictObject({
      between: alertRuleSchema.shape.between.unwrap(),
      days: z.string().optional().describe('Days: "mon-sat"; default: all'),
      tier: tierName.describe('Tier in these hours'),
    }),
  )
  .optional()
  .describe('Tier by local time of the site; the first entry that fits');

export const tierSchema = z.strictObject(layer);
export const defaultsSchema = z.strictObject({
  tier: tierName.optional().describe('Name of a tier'),
  ...layer,
  ...drawn,
});
export const siteSchema = z.strictObject({
  timezone: camera.timezone.default('UTC').describe('IANA time zone, such as Europe/Berlin'),
  schedule,
  defaults: defaultsSchema.optional().describe('Settings of the site’s cameras'),
});
export const cameraEntrySchema = z.strictObject({
  tier: tierName.optional().describe('Name of a tier'),
  schedule,
  ...layer,
  ...drawn,
});

export const notifySchema = z.union([
  z.strictObject({
    webhook: z.url({ protocol: /^https?$/ }).describe('Each alert is POSTed here as JSON'),
  }),
  z.strictObject({
    command: z
      .array(z.string().min(1))
      .min(1)
      .max(32)
      .describe('Program and its arguments; the alert is JSON on stdin'),
  }),
  z.strictObject({ stdout: z.literal(true).describe('One JSON line on stdout') }),
]);
export type NotifyTarget = z.infer<typeof notifySchema>;

/** The fleet file (fleet/<env>.yaml): tiers, defaults, sites, cameras. Unknown keys are refused. */
export const fleetSchema = z.strictObject({
  tiers: z.record(tierName, tierSchema).default({}).describe('Tiers by name; see Tiers'),
  defaults: defaultsSchema.default({}).describe('Settings of every camera'),
  retention: camera.retention.partial().optional().describe('Retention of the whole fleet'),
  notify: z.record(name, notifySchema).default({}).describe('Targets of alerts by name'),
  keyPatterns: z
    .array(keyPatternSchema)
    .max(32)
    .default([])
    .describe('Other layouts of keys than the product’s, the first that fits; see Key patterns'),
  limits: limitsSchema.prefault({}).describe('What one file may ask of the platform; see Limits'),
  sites: z.record(name, siteSchema).default({}).describe('Sites by name; see Sites'),
  cameras: z
    .record(z.string().regex(new RegExp(`^${NAME_PATTERN}/${NAME_PATTERN}$`)), cameraEntrySchema)
    .default({})
    .describe('Cameras by site/camera; see Cameras'),
});
export type Fleet = z.infer<typeof fleetSchema>;
export type Layer = z.infer<typeof defaultsSchema>;

/** Tiers that come with the product; a fleet file may change them. `exhaustive` is the reference. */
export const PRODUCT_TIERS: Readonly<Record<string, z.infer<typeof tierSchema>>> = {
  low: { lane: 'cpu', sampleIntervalSeconds: 5, packetGate: 'auto', motionGate: true },
  steady: { lane: 'cpu', sampleIntervalSeconds: 1, packetGate: 'auto', motionGate: true },
  high: { lane: 'gpu', sampleIntervalSeconds: 1, packetGate: 'auto', motionGate: false },
  exhaustive: { lane: 'cpu', sampleIntervalSeconds: 1, packetGate: 'off', motionGate: false },
};
