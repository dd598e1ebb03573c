import type { Statement } from '../core/iam/evaluate';
import { type Judged, propsOf } from './rule';

/** Who a statement of a resource's or a role's trust policy is about. */
export type Principal = '*' | Readonly<Record<string, string | readonly string[]>>;
export interface PolicyStatement extends Statement {
  readonly Principal?: Principal;
}

/** Statements of a policy document, given as text or as an object. */
export function statementsOf(document: unknown): PolicyStatement[] {
  if (document === undefined || document === null || document === '') return [];
  const { Statement = [] } = (typeof document === 'string' ? JSON.parse(document) : document) as {
    Statement?: PolicyStatement | PolicyStatement[];
  };
  return Array.isArray(Statement) ? [...Statement] : [Statement];
}

/** Policy documents that say what somebody may do, by the property that holds them. */
export const IDENTITY_POLICIES = [
  'aws:iam/policy:Policy',
  'aws:iam/rolePolicy:RolePolicy',
  'aws:iam/role:Role',
] as const;

/** Statements that a role, its policy or a managed policy grants. */
export function grantedBy(resource: Judged): PolicyStatement[] {
  const { policy, inlinePolicies = [] } = propsOf<{
    policy: unknown;
    inlinePolicies: readonly { readonly policy?: unknown }[];
  }>(resource);
  return [policy, ...inlinePolicies.map((one) => one.policy)].flatMap(statementsOf);
}

export function listOf(values: string | readonly string[] | undefined): readonly string[] {
  if (values === undefined) return [];
  return typeof values === 'string' ? [values] : values;
}

/** Values of a condition key under an operator; key and operator without regard to case. */
export function conditionOf(
  { Condition = {} }: PolicyStatement,
  operator: RegExp,
  key: string,
): readonly string[] {
  return Object.entries(Condition)
    .filter(([name]) => operator.test(name))
    .flatMap(([, keys]) => Object.entries(keys))
    .filter(([name]) => name.toLowerCase() === key.toLowerCase())
    .flatMap(([, values]) => listOf(values));
}

/** Principals by kind; none where it is everybody, or where a policy has none. */
export function principalsOf({
  Principal,
}: PolicyStatement): Readonly<Record<string, string | readonly string[]>> {
  return Principal === undefined || Principal === '*' ? {} : Principal;
}

export function isAboutEverybody(statement: PolicyStatement): boolean {
  return statement.Principal === '*' || listOf(principalsOf(statement).AWS).includes('*');
}
