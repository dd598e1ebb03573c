import { expect, it } from 'vitest';
import type { GrowingFile } from '../../adapters/embedded/footage-folder';
import { Landing } from '../../cli/start/landing';
import type { LandedObject } from '../../core/identify-segment';

interface Told {
  readonly deduplicationKey?: string;
}

const GROWING = '/footage/a/b/growing.mp4';
const keyOf = (index: number): string => `a/b/${index}.mp4`;

/** A folder of so many files, and what route has been told by the time that each is looked at. */
function lookAt(count: number) {
  const told: string[] = [];
  const toldBefore: number[] = [];
  async function* walk(): AsyncGenerator<LandedObject | GrowingFile> {
    for (let index = 0; index < count; index++) {
      toldBefore.push(told.length);
      yield { key: keyOf(index), objectVersion: '1' };
    }
    yield { growing: GROWING };
  }
  const send = async (messages: readonly Told[]): Promise<number> => {
    told.push(...messages.map(({ deduplicationKey }) => deduplicationKey!));
    return messages.length;
  };
  return { told, toldBefore, landing: new Landing({ walk }, { send }) };
}

it('tells route of the first files while the rest is still being looked through', async () => {
  const { told, toldBefore, landing } = lookAt(50);
  expect(await landing.look(null, { signal: new AbortController().signal })).toEqual([GROWING]);
  expect([toldBefore[19], toldBefore[20], toldBefore[49]]).toEqual([0, 20, 40]);
  expect(told).toEqual(Array.from({ length: 50 }, (_, index) => `${keyOf(index)}\n1`));
});

it('tells of each version once', async () => {
  const { told, landing } = lookAt(3);
  const { signal } = new AbortController();
  await landing.look(null, { signal });
  await landing.look(null, { signal });
  expect(told).toHaveLength(3);
});

it('ends at once when it is told to', async () => {
  const { toldBefore, landing } = lookAt(1000);
  const stopping = new AbortController();
  stopping.abort();
  expect(await landing.look(null, { signal: stopping.signal })).toEqual([]);
  expect(toldBefore).toHaveLength(1);
});
