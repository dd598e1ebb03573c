import * as z from 'zod';
import { emails, httpsAddress } from './text';

export const subscribersSchema = z.strictObject({
  email: emails.default([]).describe('Who is sent each alert as JSON; AWS asks each to confirm'),
  https: z
    .array(httpsAddress)
    .max(10)
    .default([])
    .describe('Where each alert is POSTed as JSON; SNS asks each address once to confirm'),
});
export type Subscribers = z.infer<typeof subscribersSchema>;

/** Who answers, pays and is told. */
export const PEOPLE_KEYS = {
  owner: z.string().min(1).max(128).describe('Who answers for the bill: a tag on everything'),
  fleet: z
    .string()
    .min(1)
    .describe('Fleet file, or folder with a file a site, from the project’s root'),
  budgetUsdPerMonth: z.number().positive().describe('Budget of the environment ($ a month)'),
  budgetEmails: emails
    .min(1)
    .describe(
      'Who hears of alarms, and at 50, 80 and 100 % of the budget and of its forecast; AWS asks each to confirm',
    ),
  notify: z
    .record(z.string(), subscribersSchema)
    .default({})
    .describe(
      'Who hears of alerts, by the fleet’s notify names; a name without anybody is warned of',
    ),
};
