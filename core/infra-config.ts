import * as z from 'zod';
import { ANALYTICS_KEYS, DATA_KEYS } from './infra-config/data';
import { FUNCTION_KEYS } from './infra-config/functions';
import { PAGE_KEYS } from './infra-config/page';
import { PEOPLE_KEYS } from './infra-config/people';
import { brokenRules } from './infra-config/rules';

export type { GpuConfig } from './infra-config/gpu';
export type { SignInConfig } from './infra-config/page';
export type { Subscribers } from './infra-config/people';
export type { ScalingHours, WarmEnvironments } from './infra-config/warm';

const keysSchema = z.strictObject({
  ...PEOPLE_KEYS,
  ...FUNCTION_KEYS,
  ...DATA_KEYS,
  ...ANALYTICS_KEYS,
  ...PAGE_KEYS,
});

/** Configuration of one environment: Pulumi.<environment>.yaml, keys `tierwatch:<name>`. */
export const infraConfigSchema = keysSchema.superRefine((config, context) => {
  for (const { path, message } of brokenRules(config)) {
    context.addIssue({ code: 'custom', path: [...path], message });
  }
});
export type InfraConfig = z.infer<typeof keysSchema>;
