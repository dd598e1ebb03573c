import { COST_RULES } from './cost';
import { DATA_RULES } from './data';
import { DELIVERY_RULES } from './delivery';
import { EXPOSURE_RULES } from './exposure';
import { LEAST_PRIVILEGE_RULES } from './least-privilege';
import { PAGE_RULES } from './page';
import type { Rule } from './rule';

/** Every rule of the pack, by theme. */
export const ALL_RULES: readonly Rule[] = [
  ...LEAST_PRIVILEGE_RULES,
  ...DATA_RULES,
  ...EXPOSURE_RULES,
  ...COST_RULES,
  ...DELIVERY_RULES,
  ...PAGE_RULES,
];
