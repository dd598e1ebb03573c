import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { SnapshotFolder } from '../../../adapters/embedded/snapshot-folder';
import { cleanUpAfterEach, temporaryFolder } from './data-folder';

cleanUpAfterEach();

const JPEG = Uint8Array.from([0xff, 0xd8, 0xff, 0xd9]);

describe('the folder of snapshots', () => {
  it('has no file beside the pictures, also after one that was left half written', async () => {
    const folder = temporaryFolder();
    const snapshots = new SnapshotFolder(join(folder, 'snapshots'));
    mkdirSync(join(folder, 'snapshots/a'), { recursive: true });
    writeFileSync(join(folder, 'snapshots/a/person.jpg.part'), 'half a pict');
    await Promise.all([1, 2, 3].map(() => snapshots.put('a/person.jpg', JPEG)));
    expect(readdirSync(join(folder, 'snapshots/a'))).toEqual(['person.jpg']);
  });

  it('says that its folder is none', async () => {
    const file = join(temporaryFolder(), 'snapshots');
    writeFileSync(file, 'no folder');
    await expect(new SnapshotFolder(file).put('a.jpg', JPEG)).rejects.toMatchObject({
      code: 'data-folder',
      fault: 'not-usable',
    });
  });

  it('writes and reads nothing through a link that leads out', async () => {
    const folder = temporaryFolder();
    const outside = temporaryFolder();
    writeFileSync(join(outside, 'secret.jpg'), 'x');
    symlinkSync(outside, join(folder, 'linked'));
    const snapshots = new SnapshotFolder(folder);
    await expect(snapshots.put('linked/new.jpg', JPEG)).rejects.toMatchObject({
      code: 'unsafe-key',
    });
    await expect(snapshots.get('linked/secret.jpg')).rejects.toMatchObject({ code: 'unsafe-key' });
    expect(readdirSync(outside)).toEqual(['secret.jpg']);
  });
});
