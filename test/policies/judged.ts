import { unknownCheckingProxy } from '@pulumi/policy';
import { messageOf } from '../../policies/judge';
import type { Judged, Rule } from '../../policies/rule';
import { strictLimits } from '../../policies/rule';

const ACCOUNT = '123456789012';

/** A resource of a stack, as the provider answers; `from` names those that a property was made from: it says their ARN. */
export function made(
  type: string,
  name: string,
  props: Record<string, unknown>,
  from: Record<string, readonly Judged[]> = {},
): Judged {
  const named = Object.entries(from).map(([property, [source]]) => [property, source!.props.arn]);
  return {
    ...{ type, name },
    props: { arn: `arn of ${type} ${name}`, ...Object.fromEntries(named), ...props },
    urn: `urn:pulumi:test::tierwatch::${type}::${name}`,
    madeFrom: Object.fromEntries(
      Object.entries(from).map(([property, sources]) => [property, sources.map(({ urn }) => urn)]),
    ),
  };
}

export const arnOf = (service: string, rest: string): string =>
  `arn:aws:${service}:us-east-1:${ACCOUNT}:${rest}`;

/** The stack with one property of one resource changed; undefined takes it away. */
export function spoil(
  stack: readonly Judged[],
  which: { readonly type: string; readonly name: string },
  props: Record<string, unknown>,
): Judged[] {
  const found = stack.filter(({ type, name }) => type === which.type && name === which.name);
  if (found.length !== 1)
    throw new RangeError(`${which.name}: expected one, found ${found.length}`);
  return stack.map((one) => {
    if (one !== found[0]) return one;
    const kept = Object.entries({ ...one.props, ...props }).filter(
      ([, value]) => value !== undefined,
    );
    return { ...one, props: Object.fromEntries(kept) };
  });
}

/** Without one resource. */
export function without(
  stack: readonly Judged[],
  which: { readonly type: string; readonly name: string },
): Judged[] {
  const left = stack.filter(({ type, name }) => type !== which.type || name !== which.name);
  if (left.length !== stack.length - 1) throw new RangeError(`${which.name}: expected one`);
  return left;
}

/** The resource as a preview has it, where a property is known only after the update: asking for it throws. */
export function unknownIn(one: Judged, property: string): Judged {
  return { ...one, props: unknownCheckingProxy({ ...one.props, [property]: UNKNOWN }) };
}

/** Pulumi's placeholder of a text that is not known before the update. */
const UNKNOWN = '04da6b54-80e4-46f7-96ec-b56ff0331ba9';

/** Messages of a rule about a stack, at strict limits unless told otherwise. */
export function messages(
  rule: Rule,
  stack: readonly Judged[],
  limits = strictLimits(rule),
): string[] {
  return stack
    .filter(({ type }) => rule.judges.includes(type))
    .flatMap((one) => {
      const finding =
        rule.scope === 'stack' ? rule.check(one, stack, limits) : rule.check(one, limits);
      return finding ? [messageOf(rule, one.name, finding)] : [];
    });
}
