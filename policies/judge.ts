import {
  type Policies,
  type PolicyConfigSchema,
  type PolicyResource,
  type ReportViolation,
  type ResourceValidationArgs,
  UnknownValueError,
} from '@pulumi/policy';
import { checkExceptions, type Exception, exceptionFor } from './exceptions';
import { type Finding, type Judged, type Limits, type Rule, strictLimits } from './rule';

export interface JudgeOptions {
  readonly exceptions: readonly Exception[];
  /** Exceptions end by it. */
  readonly now: () => Date;
}

/** Rules as CrossGuard takes them: mandatory unless an environment's configuration says otherwise. */
export function toPolicies(rules: readonly Rule[], options: JudgeOptions): Policies {
  checkExceptions(
    options.exceptions,
    rules.map(({ name }) => name),
    options.now(),
  );
  return rules.map((rule) => {
    const { name, description, fix, theme } = rule;
    const shared = {
      name,
      description,
      enforcementLevel: 'mandatory' as const,
      remediationSteps: fix,
      tags: [theme],
      ...(rule.limits ? { configSchema: schemaOf(rule) } : {}),
    };
    if (rule.scope === 'stack') {
      return {
        ...shared,
        validateStack: ({ resources, getConfig }, report) =>
          judgeStack(rule, resources, { ...options, limits: limitsOf(rule, getConfig()) }, report),
      };
    }
    return {
      ...shared,
      validateResource: (args, report) => {
        if (!rule.judges.includes(args.type))
          args.notApplicable(`judges ${rule.judges.join(', ')}`);
        const finding = rule.check(judgedBy(args), limitsOf(rule, args.getConfig()));
        if (finding) tell(rule, args, finding, options, report);
      },
    };
  });
}

/** What a message says: the resource, what was expected and found, what to write. */
export function messageOf(rule: Rule, resourceName: string, { expected, found }: Finding): string {
  return `"${resourceName}": expected ${expected}, found ${found}; ${rule.fix}`;
}

/** What can't be known during a preview is judged by `pulumi up`; the rest of the stack is judged at once. */
function judgeStack(
  rule: Extract<Rule, { scope: 'stack' }>,
  resources: readonly PolicyResource[],
  options: JudgeOptions & { readonly limits: Limits },
  report: ReportViolation,
): void {
  const stack = resources.map((resource) => ({
    ...{ type: resource.type, name: resource.name, urn: resource.urn, props: resource.props },
    madeFrom: Object.fromEntries(
      Object.entries(resource.propertyDependencies).map(([name, from]) => [
        name,
        from.map(({ urn }) => urn),
      ]),
    ),
  }));
  let unknown: UnknownValueError | undefined;
  for (const resource of stack.filter(({ type }) => rule.judges.includes(type))) {
    try {
      const finding = rule.check(resource, stack, options.limits);
      if (finding) tell(rule, resource, finding, options, report);
    } catch (error) {
      if (!(error instanceof UnknownValueError)) throw error;
      unknown = error;
    }
  }
  if (unknown) throw unknown;
}

function tell(
  rule: Rule,
  resource: { readonly name: string; readonly urn: string },
  finding: Finding,
  { exceptions, now }: JudgeOptions,
  report: ReportViolation,
): void {
  const excused = exceptionFor(exceptions, rule.name, resource.name, now());
  if (excused?.holds) return;
  const message = messageOf(rule, resource.name, finding);
  const ended = excused
    ? ` (its exception "${excused.exception.reason}" ended on ${excused.exception.expiresOn})`
    : '';
  report(`${message}${ended}`, resource.urn);
}

function judgedBy({ type, name, urn, props }: ResourceValidationArgs): Judged {
  return { type, name, urn, props, madeFrom: {} };
}

function limitsOf(rule: Rule, configured: Readonly<Record<string, unknown>>): Limits {
  const names = Object.keys(rule.limits ?? {});
  const given = Object.fromEntries(
    names.filter((name) => name in configured).map((name) => [name, configured[name]]),
  );
  return { ...strictLimits(rule), ...given } as Limits;
}

function schemaOf(rule: Rule): PolicyConfigSchema {
  const properties = Object.entries(strictLimits(rule)).map(([name, strict]) => [
    name,
    Array.isArray(strict)
      ? { type: 'array' as const, items: { type: 'string' as const }, default: strict }
      : { type: typeof strict as 'number' | 'boolean', default: strict },
  ]);
  return { properties: Object.fromEntries(properties) };
}
