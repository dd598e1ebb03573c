import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Extent, mp4Extents, type SecondsRange } from '../../../adapters/video/mp4-extents';
import { openSegmentVideo } from '../../../adapters/video/segment-video';

const FILE = join(__dirname, '../../../demo/footage/harbour-depot/lobby/20261102T080000Z_60s.mp4');
const BYTES = readFileSync(FILE);

const extentsOf = (bytes: Buffer, range: SecondsRange) =>
  mp4Extents(
    async (offset, length) => bytes.subarray(offset, offset + length),
    bytes.length,
    range,
  );

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tierwatch-extents-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The file with nothing but the extents: the rest is zero. */
function holed(extents: readonly Extent[]): string {
  const sparse = Buffer.alloc(BYTES.length);
  for (const { from, to } of extents) BYTES.copy(sparse, from, from, to);
  const path = join(folder, 'holed.mp4');
  writeFileSync(path, sparse);
  return path;
}

/** Every second's luma of a range, as a reader of that range sees it. */
function seen(file: string, range: SecondsRange) {
  const video = openSegmentVideo(file, { range });
  try {
    return video.facts.packets.flatMap((packet, index) => {
      if (!packet.isKeyframe) return [];
      const luma = video.pictureAt(index, 'full')?.luma(32, 18);
      return [{ packet, luma: luma ? Buffer.from(luma).toString('base64') : null }];
    });
  } finally {
    video.close();
  }
}

describe('the bytes of an MP4 that a time range needs', () => {
  it.each([
    [0, 10],
    [20, 30],
    [50, 60],
  ])('from %d to %d s show the same pictures as the whole file', async (fromSeconds, toSeconds) => {
    const range = { fromSeconds, toSeconds };
    const extents = await extentsOf(BYTES, range);
    const needed = extents!.reduce((sum, { from, to }) => sum + to - from, 0);
    expect(needed).toBeLessThan(BYTES.length / 2);
    const pictures = seen(holed(extents!), range);
    expect(pictures.length).toBeGreaterThan(3);
    expect(pictures).toEqual(seen(FILE, range));
  });

  it('are not told for another container, a cut file, or fragments', async () => {
    const range = { fromSeconds: 0, toSeconds: 10 };
    expect(await extentsOf(Buffer.from('not a video at all, just text'), range)).toBeNull();
    expect(await extentsOf(BYTES.subarray(0, BYTES.length - 100), range)).toBeNull();
    const moof = Buffer.concat([BYTES, Buffer.from([0, 0, 0, 8]), Buffer.from('moof')]);
    expect(await extentsOf(moof, range)).toBeNull();
  });

  it('lie inside the file, whatever bytes its index has', async () => {
    const moovAt = BYTES.lastIndexOf('moov') - 4;
    const place = fc.integer({ min: 0, max: BYTES.length - moovAt - 1 });
    const change = fc.tuple(place, fc.integer({ min: 0, max: 255 }));
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 8 }), async (changes) => {
        const bytes = Buffer.from(BYTES);
        for (const [at, value] of changes) bytes[moovAt + at] = value;
        const extents = await extentsOf(bytes, { fromSeconds: 20, toSeconds: 30 });
        for (const { from, to } of extents ?? []) {
          expect(from >= 0 && from < to && to <= bytes.length).toBe(true);
        }
      }),
      { numRuns: 200 },
    );
  });
});
