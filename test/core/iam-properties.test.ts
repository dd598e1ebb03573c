import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Asked, evaluate, type Statement, unusedGrants } from '../../core/iam/evaluate';

const action = fc.constantFrom('s3:GetObject', 's3:PutObject', 'sqs:SendMessage');
const actionPattern = fc.oneof(action, fc.constantFrom('s3:*', '*', 's3:?etObject'));
const resource = fc.constantFrom('arn:aws:s3:::a/1', 'arn:aws:s3:::b/1', 'arn:aws:sqs:::q');
const resourcePattern = fc.oneof(resource, fc.constantFrom('*', 'arn:aws:s3:::a/*', 'arn:*:b/?'));
const lists = <T>(one: fc.Arbitrary<T>) => fc.array(one, { minLength: 1, maxLength: 3 });

const statement = (Effect: 'Allow' | 'Deny'): fc.Arbitrary<Statement> =>
  fc.record({
    Effect: fc.constant(Effect),
    Action: lists(actionPattern),
    Resource: lists(resourcePattern),
  });
const policy = fc.array(fc.oneof(statement('Allow'), statement('Deny')), { maxLength: 5 });
const asked: fc.Arbitrary<Asked> = fc.record({ action, resource });

describe('decisions of a policy', () => {
  it('do not depend on the order of its statements', () => {
    fc.assert(
      fc.property(policy, asked, (statements, ask) => {
        expect(evaluate(statements.toReversed(), ask).isAllowed).toBe(
          evaluate(statements, ask).isAllowed,
        );
      }),
    );
  });

  it('never become wider by a Deny, nor narrower by an Allow', () => {
    fc.assert(
      fc.property(policy, statement('Deny'), statement('Allow'), asked, (all, deny, allow, ask) => {
        const before = evaluate(all, ask);
        expect(evaluate([...all, deny], ask).isAllowed && !before.isAllowed).toBe(false);
        expect(before.isAllowed && !evaluate([...all, allow], ask).isAllowed).toBe(false);
      }),
    );
  });

  it('name a statement that decides the same alone', () => {
    fc.assert(
      fc.property(policy, asked, (statements, ask) => {
        const { isAllowed, by } = evaluate(statements, ask);
        expect(by ? evaluate([by], ask).isAllowed : false).toBe(isAllowed);
      }),
    );
  });

  it('stay as they are without the grants that are unused', () => {
    const allows = fc.array(statement('Allow'), { maxLength: 4 });
    fc.assert(
      fc.property(allows, fc.array(asked, { maxLength: 6 }), (statements, calls) => {
        const unused = unusedGrants(statements, calls);
        const used = statements.flatMap(({ Action, Resource }) =>
          [Action!].flat().flatMap((one) =>
            [Resource!].flat().flatMap((arn): Statement[] => {
              const isUnused = unused.some(
                (grant) => grant.action === one && grant.resource === arn,
              );
              return isUnused
                ? []
                : [{ Effect: 'Allow', Action: one as string, Resource: arn as string }];
            }),
          ),
        );
        for (const call of calls) {
          expect(evaluate(used, call).isAllowed).toBe(evaluate(statements, call).isAllowed);
        }
      }),
    );
  });
});
