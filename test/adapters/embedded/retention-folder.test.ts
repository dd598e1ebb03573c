import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FootageFolder } from '../../../adapters/embedded/footage-folder';
import { runRetention } from '../../../adapters/embedded/retention-folder';
import { itemAt } from '../../contracts/records';
import { cleanUpAfterEach, temporaryFolder } from './data-folder';

cleanUpAfterEach();

const keys = [0, 1, 2, 3].map((index) => itemAt(index).segmentKey);

async function open() {
  const root = temporaryFolder();
  for (const key of keys) {
    mkdirSync(dirname(join(root, key)), { recursive: true });
    writeFileSync(join(root, key), `footage of ${key}`);
  }
  const footage = await FootageFolder.open(root);
  const { landed } = await footage.list(null);
  const expired = landed.map(({ key, objectVersion }) => ({
    objectKey: key,
    objectVersion,
    reason: 'quiet for 2 days',
  }));
  const left = () => keys.filter((key) => existsSync(join(root, key)));
  return { root, footage, expired, left };
}

const BYTES = `footage of ${keys[0]}`.length;

describe('retention', () => {
  it('deletes what has expired and nothing else', async () => {
    const { footage, expired, left } = await open();
    const summary = await runRetention(footage, { mode: 'enforce', expired: expired.slice(0, 2) });
    expect(summary).toEqual({
      mode: 'enforce',
      files: 2,
      bytes: 2 * BYTES,
      absent: 0,
      changed: 0,
      left: 0,
    });
    expect(left()).toEqual(keys.slice(2));
  });

  it('deletes nothing in a report that counts the same', async () => {
    const { footage, expired, left } = await open();
    const seen: string[] = [];
    const summary = await runRetention(footage, {
      mode: 'report',
      expired,
      onSegment: ({ objectKey }) => seen.push(objectKey),
    });
    expect(summary).toMatchObject({ mode: 'report', files: 4, bytes: 4 * BYTES });
    expect(seen).toEqual(keys);
    expect(left()).toEqual(keys);
  });

  it('keeps a file that was replaced since it was analysed, and passes over one that is gone', async () => {
    const { root, footage, expired, left } = await open();
    writeFileSync(join(root, keys[0]!), `FOOTAGE of ${keys[0]}`);
    await runRetention(footage, { mode: 'enforce', expired: [expired[1]!] });
    const summary = await runRetention(footage, { mode: 'enforce', expired: expired.slice(0, 2) });
    expect(summary).toMatchObject({ files: 0, bytes: 0, absent: 1, changed: 1 });
    expect(left()).toEqual([keys[0], keys[2], keys[3]]);
  });

  it('leaves what is over the cap of one run to the next', async () => {
    const { footage, expired, left } = await open();
    const summary = await runRetention(footage, { mode: 'enforce', expired, maxFiles: 3 });
    expect(summary).toMatchObject({ files: 3, left: 1 });
    expect(left()).toEqual([keys[3]]);
  });

  it.each(['../outside.mp4', 'a/b/../../../20261120T080000Z_60s.mp4'])(
    'never deletes "%s", which leads out of the folder',
    async (objectKey) => {
      const { footage, left } = await open();
      const expired = [{ objectKey, objectVersion: 'v1', reason: 'x' }];
      await expect(runRetention(footage, { mode: 'enforce', expired })).rejects.toMatchObject({
        code: 'unsafe-key',
      });
      expect(left()).toEqual(keys);
    },
  );

  it('never deletes through a link that leads out', async () => {
    const { root, footage } = await open();
    const outside = join(temporaryFolder(), '20261120T080000Z_60s.mp4');
    writeFileSync(outside, 'somebody else’s');
    mkdirSync(join(root, 'other-site'));
    symlinkSync(dirname(outside), join(root, 'other-site/yard'));
    const objectKey = 'other-site/yard/20261120T080000Z_60s.mp4';
    const expired = [{ objectKey, objectVersion: '18-00000000', reason: 'x' }];
    await expect(runRetention(footage, { mode: 'enforce', expired })).rejects.toMatchObject({
      code: 'unsafe-key',
    });
    expect(existsSync(outside)).toBe(true);
  });
});
