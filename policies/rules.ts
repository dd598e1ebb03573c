import { COST_RULES } from './cost';
import { DATA_RULES } from './data';
import { DELIVERY_RULES } from './delivery';
import type { Rule } from './rule';

/** Every rule of the pack, by theme. */
export const ALL_RULES: readonly Rule[] = [...DATA_RULES, ...COST_RULES, ...DELIVERY_RULES];
