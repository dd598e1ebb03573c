import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Judged } from '../../policies/rule';
import { ALL_RULES } from '../../policies/rules';
import { messages, spoil } from './judged';
import { configured, stackOf } from './programs';

const folder = mkdtempSync(join(tmpdir(), 'tierwatch-page-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const PAGE = {
  'tierwatch:page': 'cloudfront',
  'tierwatch:footageKeys': [publicKey.export({ type: 'spki', format: 'pem' })],
  'tierwatch:pageDomain': {
    name: 'tierwatch.example.com',
    certificateArn: 'arn:aws:acm:us-east-1:123456789012:certificate/1',
  },
};
const found = (stack: readonly Judged[]): string[] =>
  ALL_RULES.filter((rule) => configured(rule, 'prod').enforcementLevel === 'mandatory').flatMap(
    (rule) => messages(rule, stack, configured(rule, 'prod').limits),
  );

let stack: readonly Judged[];
beforeAll(async () => {
  writeFileSync(join(folder, 'index.html'), '<!doctype html>');
  stack = await stackOf('prod', PAGE, folder);
});

describe('prod with its page', () => {
  it('passes every rule', () => {
    expect(found(stack)).toEqual([]);
  });

  it.each<[string, string, Record<string, unknown>, string]>([
    [
      'aws:apigatewayv2/route:Route',
      '-api-all',
      { authorizationType: 'NONE' },
      'expected an authoriser, found none at "ANY /api/{proxy+}"',
    ],
    [
      'aws:cloudfront/distribution:Distribution',
      '-delivery',
      { viewerCertificate: { cloudfrontDefaultCertificate: true } },
      'expected TLS 1.2 or later everywhere, found TLSv1 with browsers',
    ],
    [
      'aws:s3/bucketPolicy:BucketPolicy',
      '-footage',
      {
        policy: JSON.stringify({
          Statement: [
            {
              Effect: 'Allow',
              Principal: { Service: 'cloudfront.amazonaws.com' },
              Action: 's3:GetObject',
              Resource: '*',
            },
          ],
        }),
      },
      'expected named principals, found cloudfront.amazonaws.com on behalf of any account',
    ],
  ])('fails with another %s', (type, name, change, message) => {
    const spoiled = spoil(stack, { type, name: `tierwatch-prod${name}` }, change);
    expect(found(spoiled)).toContainEqual(expect.stringContaining(message));
  });
});
