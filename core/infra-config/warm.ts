import * as z from 'zod';
import { expected, textOf } from '../text-schemas';

export const scheduleSchema = z.strictObject({
  cron: textOf(
    /^cron\([^)]+\)$/,
    'a time as AWS writes it, such as "cron(0 7 ? * MON-SAT *)"',
  ).describe('When, as AWS writes it: "cron(0 7 ? * MON-SAT *)"'),
  timezone: z
    .string()
    .refine(isTimezone, { error: expected('an IANA time zone, such as Europe/Berlin') })
    .describe('IANA time zone of the site, such as Europe/Berlin'),
  min: z.number().int().min(0).max(1000).describe('Least environments kept warm from then on'),
  max: z.number().int().min(0).max(1000).describe('Most environments kept warm from then on'),
});

function isTimezone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

export const warmSchema = z.strictObject({
  min: z.number().int().min(0).max(1000).describe('Least environments kept warm'),
  max: z.number().int().min(1).max(1000).describe('Most environments kept warm'),
  targetRatio: z
    .number()
    .min(0.1)
    .max(0.9)
    .default(0.7)
    .describe('Share of them in use that is aimed at (0-1)'),
  schedules: z.array(scheduleSchema).default([]).describe('Changes of both by the hour'),
});
export type WarmEnvironments = z.infer<typeof warmSchema>;

/** AWS scales a real-time endpoint to one instance at least: docs/decisions/gpu-break-even.md. */
export const scalingHoursSchema = scheduleSchema.extend({
  min: scheduleSchema.shape.min.min(1),
  max: scheduleSchema.shape.max.min(1),
});
export type ScalingHours = z.infer<typeof scalingHoursSchema>;
