import { expect, it } from 'vitest';
import { Room } from '../../../adapters/gpu-endpoint/room';

function held(size: number) {
  const room = new Room(size);
  const inside: string[] = [];
  const ends = new Map<string, (isGood: boolean) => void>();
  const hold = (name: string, wanted: number) =>
    room
      .hold(wanted, () => {
        inside.push(name);
        return new Promise<void>((resolve, reject) => {
          ends.set(name, (isGood) => (isGood ? resolve() : reject(new Error(name))));
        });
      })
      .catch(() => {})
      .finally(() => inside.splice(inside.indexOf(name), 1));
  const end = async (name: string, isGood = true): Promise<void> => {
    ends.get(name)!(isGood);
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { hold, end, inside };
}
const settled = () => new Promise((resolve) => setImmediate(resolve));

it('lets in who finds room, in the order of coming, also after one that failed', async () => {
  const { hold, end, inside } = held(10);
  for (const [name, wanted] of Object.entries({ a: 6, b: 6, c: 1 })) void hold(name, wanted);
  await settled();
  // c would fit, and waits its turn.
  expect(inside).toEqual(['a']);
  await end('a', false);
  expect(inside).toEqual(['b', 'c']);
});

it('lets in what is larger than all of it once nobody else is there', async () => {
  const { hold, end, inside } = held(10);
  void hold('small', 1);
  void hold('huge', 99);
  await settled();
  expect(inside).toEqual(['small']);
  await end('small');
  expect(inside).toEqual(['huge']);
});
