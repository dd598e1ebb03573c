import { beforeAll, describe, expect, it } from 'vitest';
import type { Judged } from '../../policies/rule';
import { ALL_RULES } from '../../policies/rules';
import { messages } from './judged';
import { configured, ENVIRONMENTS, stackOf } from './programs';

const stacks = new Map<string, readonly Judged[]>();
beforeAll(async () => {
  for (const environment of ENVIRONMENTS) stacks.set(environment, await stackOf(environment));
}, 60_000);

describe.each(ENVIRONMENTS)('the whole program of %s', (environment) => {
  const enforced = ALL_RULES.filter(
    (rule) => (configured(rule, environment).enforcementLevel ?? 'mandatory') === 'mandatory',
  );

  it.each(enforced)('passes $name', (rule) => {
    const { limits } = configured(rule, environment);
    expect(messages(rule, stacks.get(environment)!, limits)).toEqual([]);
  });
});
