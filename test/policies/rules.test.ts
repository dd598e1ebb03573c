import { UnknownValueError } from '@pulumi/policy';
import { describe, expect, it } from 'vitest';
import type { Judged, Limits, Rule } from '../../policies/rule';
import { strictLimits } from '../../policies/rule';
import { ALL_RULES } from '../../policies/rules';
import type { Case, RuleCases } from './cases/case';
import { COST } from './cases/cost';
import { DATA } from './cases/data';
import { DELIVERY } from './cases/delivery';
import { EXPOSURE } from './cases/exposure';
import { LEAST_PRIVILEGE } from './cases/least-privilege';
import { PAGE } from './cases/page';
import { messages, unknownIn } from './judged';

const THEMES = [LEAST_PRIVILEGE, DATA, EXPOSURE, COST, DELIVERY, PAGE];
const CASES = THEMES.flatMap(({ good, rules }) => rules.map((one) => ({ ...one, good })));

type Judging = RuleCases & { readonly good: readonly Judged[] };
const limitsOf = ({ rule, limits }: Judging, own?: Limits): Limits => ({
  ...strictLimits(rule),
  ...limits,
  ...own,
});

it('every rule of the pack has its cases, once, and no rule is left out of the pack', async () => {
  const names = CASES.map(({ rule }) => rule.name).sort();
  expect(names).toEqual(ALL_RULES.map(({ name }) => name).sort());
  const exported = await Promise.all(
    ['least-privilege', 'data', 'exposure', 'cost', 'delivery', 'page'].map(
      (file) => import(`../../policies/${file}.ts`) as Promise<Readonly<Record<string, unknown>>>,
    ),
  );
  const rules = exported.flatMap((one) => Object.values(one)).filter(isRule);
  expect(rules.map(({ name }) => name).sort()).toEqual(names);
});

function isRule(value: unknown): value is Rule {
  return typeof value === 'object' && value !== null && 'judges' in value;
}

describe.each(CASES)('$rule.name', (one) => {
  const { rule, fix, good, passes = [], fails } = one;

  it('passes a good resource, or is about what nobody may have', () => {
    const judged = good.filter(({ type }) => rule.judges.includes(type));
    expect(messages(rule, good, limitsOf(one))).toEqual([]);
    if (judged.length > 0) return;
    const refused = fails.flatMap(([, stack]) => stack.map(({ type }) => type));
    expect(rule.judges.filter((type) => !refused.includes(type))).toEqual([]);
  });

  it.each(rowsOf(passes))('passes $what', ({ stack, limits }) => {
    expect(messages(rule, stack, limitsOf(one, limits))).toEqual([]);
  });

  it.each(rowsOf(fails))('fails: $what', ({ what, stack, limits }) => {
    expect(messages(rule, stack, limitsOf(one, limits))).toEqual([`${what}; ${fix}`]);
  });

  it('in a preview, with any one value not known yet, neither alarms falsely nor lets a fault pass', () => {
    for (const stack of [good, ...passes.map(([, stack]) => stack)]) {
      const limits = limitsOf(one, passes.find(([, other]) => other === stack)?.[2]);
      const told = previews(stack).map((preview) => toldOf(rule, preview, limits));
      expect(told.filter((found) => found !== 'left to the update' && found !== '')).toEqual([]);
    }
    for (const [message, stack, limits] of fails) {
      const told = previews(stack).map((preview) => toldOf(rule, preview, limitsOf(one, limits)));
      const whole = `${message}; ${fix}`;
      expect(told.filter((found) => found !== 'left to the update' && found !== whole)).toEqual([]);
    }
  });

  it('says why it is and what to write', () => {
    expect(rule.fix).toBe(fix);
    expect(rule.why).toMatch(/^\S.{30,}/);
    expect(rule.description).toMatch(/^[A-Z].{20,}\.$/);
    for (const { meaning } of Object.values(rule.limits ?? {}) as { meaning: string }[]) {
      expect(meaning).toMatch(/^[A-Z].{5,}/);
    }
  });
});

const rowsOf = (cases: readonly Case[]) =>
  cases.map(([what, stack, limits]) => ({ what, stack, limits }));

/** The stack as often as it has values that a preview may not know. */
function previews(stack: readonly Judged[]): (readonly Judged[])[] {
  return stack.flatMap((one, at) =>
    Object.keys(one.props).map((property) => stack.with(at, unknownIn(one, property))),
  );
}

function toldOf(rule: Rule, stack: readonly Judged[], limits: Limits): string {
  try {
    return messages(rule, stack, limits).join('\n');
  } catch (error) {
    if (error instanceof UnknownValueError) return 'left to the update';
    throw error;
  }
}
