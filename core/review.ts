import * as z from 'zod';
import type { Statement } from './iam/evaluate';
import { type IdleLine, idleCost, type PlannedResource } from './idle-cost';
import type { PriceBook } from './price-book';

const stateSchema = z.object({
  type: z.string(),
  inputs: z.record(z.string(), z.unknown()).optional(),
});

type PlannedState = z.infer<typeof stateSchema>;

/** What `pulumi preview --json` prints, as far as a review needs it. */
export const planSchema = z.object({
  steps: z.array(
    z.object({
      op: z.string(),
      urn: z.string(),
      oldState: stateSchema.optional(),
      newState: stateSchema.optional(),
    }),
  ),
});
export type Plan = z.infer<typeof planSchema>;

export interface ResourceChange {
  readonly op: string;
  readonly type: string;
  readonly name: string;
}

/** One action on one resource that a role wins or loses. */
export interface GrantChange {
  readonly role: string;
  readonly action: string;
  readonly resource: string;
  /** Why it was declared; null: nobody said, so it may not be added. */
  readonly reason: string | null;
}

export interface Review {
  readonly changes: readonly ResourceChange[];
  readonly added: readonly GrantChange[];
  readonly removed: readonly GrantChange[];
  /** Roles whose policy is known only after the update. */
  readonly unknownRoles: readonly string[];
}

/** What an environment costs idle before a plan and after it. */
export interface IdleChange {
  readonly before: readonly IdleLine[];
  readonly after: readonly IdleLine[];
}

const REMOVING: readonly string[] = ['delete', 'delete-replaced', 'discard', 'discard-replaced'];

/** Dollars that the resources of a plan cost used or not, before and after. */
export function reviewIdleCost({ steps }: Plan, book: PriceBook): IdleChange {
  const of = (pick: (step: Plan['steps'][number]) => PlannedState | undefined): IdleLine[] => {
    const byUrn = new Map<string, PlannedResource>();
    for (const step of steps) {
      const state = pick(step);
      if (state) {
        const { type, inputs = {} } = state;
        byUrn.set(step.urn, { type, name: nameOf(step.urn), inputs });
      }
    }
    return idleCost([...byUrn.values()], book);
  };
  return {
    before: of(({ oldState }) => oldState),
    after: of(({ op, newState, oldState }) =>
      REMOVING.includes(op) ? undefined : (newState ?? (op === 'same' ? oldState : undefined)),
    ),
  };
}

/** Finds why a role may do something; null: nobody declared it. */
export type FindReason = (role: string, action: string) => string | null;

const ROLE_POLICY = 'aws:iam/rolePolicy:RolePolicy';
/** Pulumi's placeholder of a text that is not known before the update. */
const UNKNOWN_TEXT = '04da6b54-80e4-46f7-96ec-b56ff0331ba9';

/** What a plan changes, and what each role may do after it that it could not before. */
export function reviewPlan({ steps }: Plan, reasonOf: FindReason): Review {
  const changed = steps.filter(({ op, urn }) => op !== 'same' && !isComponent(urn));
  const policies = changed.filter(
    ({ oldState, newState }) => (newState ?? oldState)?.type === ROLE_POLICY,
  );
  const known = policies.filter(({ newState }) => newState?.inputs?.policy !== UNKNOWN_TEXT);
  const of = (urn: string, pairs: readonly Pair[]): GrantChange[] =>
    pairs.map((pair) => ({
      role: nameOf(urn),
      ...pair,
      reason: reasonOf(nameOf(urn), pair.action),
    }));
  const differences = known.map(({ urn, oldState, newState }) => {
    const [before, after] = [pairsOf(oldState?.inputs?.policy), pairsOf(newState?.inputs?.policy)];
    return { added: of(urn, without(after, before)), removed: of(urn, without(before, after)) };
  });
  return {
    changes: changed.map(({ op, urn }) => ({ op, type: typeOf(urn), name: nameOf(urn) })),
    added: differences.flatMap(({ added }) => added),
    removed: differences.flatMap(({ removed }) => removed),
    unknownRoles: policies.filter((one) => !known.includes(one)).map(({ urn }) => nameOf(urn)),
  };
}

/** Additions that nobody gave a reason for: a pull request fails by them. */
export function unreasoned({ added }: Review): readonly GrantChange[] {
  return added.filter(({ reason }) => reason === null);
}

interface Pair {
  readonly action: string;
  readonly resource: string;
}

function pairsOf(policy: unknown): Pair[] {
  if (typeof policy !== 'string' || policy === UNKNOWN_TEXT) return [];
  const { Statement: statements = [] } = JSON.parse(policy) as { Statement?: Statement[] };
  return statements
    .filter(({ Effect }) => Effect === 'Allow')
    .flatMap(({ Action, NotAction, Resource, NotResource }) => {
      const actions = NotAction ? [`not ${listOf(NotAction).join(', ')}`] : listOf(Action);
      const resources = NotResource ? [`not ${listOf(NotResource).join(', ')}`] : listOf(Resource);
      return actions.flatMap((action) => resources.map((resource) => ({ action, resource })));
    });
}

/** Pairs that are not among the others, each once. */
function without(pairs: readonly Pair[], others: readonly Pair[]): Pair[] {
  const keyOf = ({ action, resource }: Pair): string => `${action} ${resource}`;
  const left = new Map(pairs.map((pair) => [keyOf(pair), pair]));
  for (const other of others) left.delete(keyOf(other));
  return [...left.values()];
}

function listOf(values: string | readonly string[] | undefined): readonly string[] {
  if (values === undefined) return [];
  return typeof values === 'string' ? [values] : values;
}

const typeOf = (urn: string): string => urn.split('::')[2]?.split('$').at(-1) ?? '';
const nameOf = (urn: string): string => urn.split('::').slice(3).join('::');

/** Components and the stack only hold others. */
function isComponent(urn: string): boolean {
  return !/^aws(x)?:/.test(typeOf(urn));
}
