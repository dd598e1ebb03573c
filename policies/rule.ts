/** A resource as a rule sees it. */
export interface Judged {
  /** Pulumi's type, such as `aws:sqs/queue:Queue`. */
  readonly type: string;
  /** Name in the program. */
  readonly name: string;
  readonly urn: string;
  readonly props: Readonly<Record<string, unknown>>;
  /** URNs of the resources that a property was made from. */
  readonly madeFrom: Readonly<Record<string, readonly string[]>>;
}

/** What is wrong with a resource: completes "expected …, found …". */
export interface Finding {
  readonly expected: string;
  readonly found: string;
}

export type LimitValue = number | boolean | readonly string[];
export type Limits = Readonly<Record<string, LimitValue>>;

export type Theme = 'least privilege' | 'data' | 'cost' | 'delivery';

interface RuleText<L extends Limits> {
  readonly name: string;
  readonly theme: Theme;
  /** One sentence: what holds where the rule passes. */
  readonly description: string;
  readonly why: string;
  /** What to write; ends every message of the rule. */
  readonly fix: string;
  /** What an environment may set otherwise, with the strict value. */
  readonly limits?: { readonly [K in keyof L]: Limit<L[K]> };
  /** Types of the resources that it judges. */
  readonly judges: readonly string[];
}

export interface Limit<V extends LimitValue> {
  readonly strict: V;
  /** With its unit. */
  readonly meaning: string;
}

/** Judges a resource by itself, before it is created. */
export interface ResourceRule<L extends Limits = Limits> extends RuleText<L> {
  readonly scope: 'resource';
  check(resource: Judged, limits: L): Finding | null;
}

/** Judges a resource beside the others of its stack, once all are known. */
export interface StackRule<L extends Limits = Limits> extends RuleText<L> {
  readonly scope: 'stack';
  check(resource: Judged, stack: readonly Judged[], limits: L): Finding | null;
}

// biome-ignore lint/suspicious/noExplicitAny: a list holds rules of different limits
export type Rule = ResourceRule<any> | StackRule<any>;

/** Properties as the provider's types have them; anything may be absent or not yet known. */
export function propsOf<P>(resource: Judged): Readonly<Partial<P>> {
  return resource.props as Readonly<Partial<P>>;
}

/** Limits as they are where no configuration says otherwise. */
export function strictLimits(rule: Rule): Limits {
  const limits: Readonly<Record<string, Limit<LimitValue>>> = rule.limits ?? {};
  return Object.fromEntries(Object.entries(limits).map(([name, { strict }]) => [name, strict]));
}
