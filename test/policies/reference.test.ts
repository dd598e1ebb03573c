import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { policySettings } from '../../docs/generate';
import { renderPolicies } from '../../policies/reference';
import { ALL_RULES } from '../../policies/rules';

const DOCS = join(__dirname, '../../docs');

it('docs/policies.md is what the rules say; `npm run docs` writes it anew', () => {
  const written = readFileSync(join(DOCS, 'policies.md'), 'utf8');
  expect(written).toBe(renderPolicies(ALL_RULES, policySettings(DOCS)));
});

describe('the rules', () => {
  it('have names of their own', () => {
    const names = ALL_RULES.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });

  it.each(ALL_RULES)('$name judges types that the provider has', async ({ judges }) => {
    for (const type of judges) {
      const [, module = '', name = ''] = type.split(/[:]/);
      const { [name]: made } = (await import(`@pulumi/aws/${module}.js`)) as Record<
        string,
        { readonly __pulumiType?: string }
      >;
      expect(made?.__pulumiType).toBe(type);
    }
  });
});
