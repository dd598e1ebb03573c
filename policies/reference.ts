import type { Limit, LimitValue, Rule, Theme } from './rule';

const INTRODUCTION = `# Policies

Generated from \`policies/\` by \`npm run docs\`; a test fails when it is stale.

    pulumi preview --stack dev --policy-pack policies --policy-pack-config policies/dev.json

Every rule is mandatory, with its strict limits, unless \`policies/<environment>.json\` says otherwise: forgetting that file
makes an environment stricter, never laxer. A level is \`mandatory\`, \`advisory\` or \`disabled\`.

**What a preview does not know yet** (an ARN inside a role's policy, on the first preview of a new resource) is neither passed nor
refused: the preview says "can't run policy … during preview", and \`pulumi up\` judges it, for rules of one resource before that
resource is created, for rules of a whole stack at the update's end. Which resources belong together is read from what their properties say as AWS reads
it: the ARN in a redrivePolicy, a bucket's id, a function's name or ARN. Where such a value is not known yet it is what Pulumi
made it from, if that is one resource of the right type.

An exception is a line in \`policies/exceptions.ts\`: rule, resource, a reason, and its last day, at most 183 days ahead. After
that day the rule holds again, and its message names the exception that ended.`;

const THEMES: readonly Theme[] = ['least privilege', 'data', 'cost', 'delivery'];

/** By environment and rule: its level and limits. */
export type EnvironmentSettings = Readonly<
  Record<string, Readonly<Record<string, Readonly<Record<string, unknown>>>>>
>;

/** docs/policies.md: each rule, why, how to fix, and what an environment sets otherwise. */
export function renderPolicies(rules: readonly Rule[], environments: EnvironmentSettings): string {
  const sections = THEMES.flatMap((theme) => [
    `## ${theme[0]?.toUpperCase()}${theme.slice(1)}`,
    ...rules.filter((rule) => rule.theme === theme).map((rule) => describe(rule, environments)),
  ]);
  return [INTRODUCTION, ...sections].join('\n\n').concat('\n');
}

function describe(rule: Rule, environments: EnvironmentSettings): string {
  const limits: [string, Limit<LimitValue>][] = Object.entries(rule.limits ?? {});
  const settings = Object.entries(environments)
    .filter(([, rules]) => rules[rule.name])
    .map(([name, rules]) => `${name} ${text(rules[rule.name])}`);
  return [
    `### ${rule.name}`,
    plain(`${rule.description} ${rule.why}`),
    `**Fix:** ${plain(rule.fix)}.`,
    ...limits.map(
      ([name, { strict, meaning }]) => `**Limit** \`${name}\` (${meaning}): ${text(strict)}.`,
    ),
    ...(settings.length > 0 ? [`**Otherwise in:** ${settings.join('; ')}.`] : []),
  ].join('\n\n');
}

function text(value: unknown): string {
  return `\`${JSON.stringify(value)}\``;
}

/** Text that Markdown shows as it is. */
function plain(words: string): string {
  return words.replace(/[<*_]/g, '\\$&');
}
