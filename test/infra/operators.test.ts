import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { INDEX_KEY, SHARD_COUNT, shardKey } from '../../core/fleet/compile';
import { evaluate, type Statement } from '../../core/iam/evaluate';

const docs = readFileSync(join(__dirname, '../../docs/deploy.md'), 'utf8');
const { Statement: allowed } = JSON.parse(/```json\n([\s\S]*?)```/.exec(docs)![1]!) as {
  Statement: Statement[];
};
const may = (action: string, resource: string): boolean =>
  evaluate(allowed, { action, resource: `arn:aws:s3:::${resource}` }).isAllowed;

it('operators may write the published fleet, and nothing else of the platform', () => {
  const keys = [INDEX_KEY, ...Array.from({ length: SHARD_COUNT }, (_, shard) => shardKey(shard))];
  const writable = keys.filter((key) => may('s3:PutObject', `FLEET-BUCKET/${key}`));
  expect(writable).toEqual(keys);
  expect([
    may('s3:DeleteObject', `FLEET-BUCKET/${INDEX_KEY}`),
    may('s3:PutObject', 'FLEET-BUCKET/lane-switch.json'),
    may('s3:PutObject', 'FOOTAGE-BUCKET/a/b/20261120T080000Z_60s.mp4'),
    may('s3:GetObject', 'FOOTAGE-BUCKET/a/b/20261120T080000Z_60s.mp4'),
    may('s3:PutBucketPolicy', 'FLEET-BUCKET'),
    may('lambda:UpdateFunctionCode', '*'),
    may('iam:PassRole', '*'),
  ]).toEqual(Array(7).fill(false));
});
