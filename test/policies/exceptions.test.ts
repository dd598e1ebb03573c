import type { ResourceValidationArgs } from '@pulumi/policy';
import { describe, expect, it } from 'vitest';
import { eventSourceReportsPartialFailures as rule } from '../../policies/delivery';
import { checkExceptions, type Exception } from '../../policies/exceptions';
import { toPolicies } from '../../policies/judge';

const EXCEPTION: Exception = {
  rule: rule.name,
  resource: 'detect-cpu',
  reason: 'its batches hold one message until March',
  expiresOn: '2027-03-01',
};

/** What the rule reports of a bad event source at an instant. */
function reported(now: string, name = 'detect-cpu'): string[] {
  const messages: string[] = [];
  const [policy] = toPolicies([rule], { exceptions: [EXCEPTION], now: () => new Date(now) });
  if (!policy || !('validateResource' in policy)) throw new TypeError('expected a resource policy');
  const args = { type: rule.judges[0], name, urn: name, props: {}, getConfig: () => ({}) };
  const { validateResource } = policy;
  if (typeof validateResource !== 'function') throw new TypeError('expected one validation');
  validateResource(args as unknown as ResourceValidationArgs, (message) => messages.push(message));
  return messages;
}

const MESSAGE =
  '"detect-cpu": expected ReportBatchItemFailures, found none; set functionResponseTypes to [\'ReportBatchItemFailures\']';

describe('an exception', () => {
  it('lets its resource pass up to the end of its last day, and says afterwards that it ended', () => {
    expect(reported('2027-03-01T23:59:59.999Z')).toEqual([]);
    expect(reported('2027-03-02T00:00:00.000Z')).toEqual([
      `${MESSAGE} (its exception "its batches hold one message until March" ended on 2027-03-01)`,
    ]);
  });

  it('excuses no other resource', () => {
    expect(reported('2027-01-01T00:00:00Z', 'route')).toEqual([
      MESSAGE.replace('detect-cpu', 'route'),
    ]);
  });

  it.each([
    [{ rule: 'absent' }, 'expected the name of a rule, found none; docs/policies.md'],
    [{ reason: 'later' }, 'expected a reason of at least 20 characters, found "later"; say why'],
    [
      { expiresOn: '2030-01-01' },
      'expected a day at most 183 days ahead, found "2030-01-01"; write it as 2026-12-31',
    ],
    [
      { expiresOn: 'never' },
      'expected a day at most 183 days ahead, found "never"; write it as 2026-12-31',
    ],
  ])('is refused with %j', (change, message) => {
    const exception = { ...EXCEPTION, ...change };
    expect(() =>
      checkExceptions([exception], [rule.name], new Date('2027-01-01T00:00:00Z')),
    ).toThrow(new RangeError(`exception of "detect-cpu" from "${exception.rule}": ${message}`));
  });
});
