import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Admission, type Place } from '../../endpoint/admission';

/** Places of some cameras, in the order in which they came; null: refused. */
function entered(admission: Admission, cameras: string): (Place | null)[] {
  return [...cameras].map((camera) => {
    const place = admission.enter(camera);
    place?.lost.catch(() => {});
    return place;
  });
}

it('refuses whoever floods, and gives the last of its waiting places to who has fewer', async () => {
  const admission = new Admission(4);
  const [first, second, third, fourth, fifth] = entered(admission, 'AAAAA');
  first!.begin();
  expect(fifth).toBeNull();
  const [calm] = entered(admission, 'B');
  expect(calm).not.toBeNull();
  await expect(fourth!.lost).rejects.toMatchObject({
    name: 'EndpointBusyError',
    code: 'endpoint-busy',
    message: 'the queue is full, and most of it is of this camera',
  });
  expect([first, second, third].map((place) => place!.isLost)).toEqual([false, false, false]);
  expect(admission.size).toBe(4);
});

it('evens out no further than by one: with as many afterwards, two would only change sides', () => {
  const admission = new Admission(4);
  entered(admission, 'AAAA');
  expect(entered(admission, 'BBBB').map((place) => place !== null)).toEqual([
    true,
    true,
    false,
    false,
  ]);
  expect(entered(admission, 'A')).toEqual([null]);
});

it('takes no place whose work has begun', () => {
  const admission = new Admission(2);
  for (const place of entered(admission, 'AA')) place!.begin();
  expect(entered(admission, 'B')).toEqual([null]);
});

it('gives a place back once, whoever says so how often', () => {
  const admission = new Admission(2);
  const [first, second] = entered(admission, 'AA');
  entered(admission, 'B');
  second!.leave();
  expect(admission.size).toBe(2);
  first!.leave();
  first!.leave();
  expect(admission.size).toBe(1);
  expect(entered(admission, 'C').map((place) => place !== null)).toEqual([true]);
});

it('refuses a camera only where none has more than one place more of which one waits, whatever came before', () => {
  const step = fc.record({
    camera: fc.constantFrom('A', 'B', 'C', 'D'),
    what: fc.constantFrom('enter', 'enter', 'enter', 'begin', 'leave'),
    which: fc.nat(20),
  });
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 60 }),
      fc.integer({ min: 1, max: 6 }),
      (steps, most) => {
        const admission = new Admission(most);
        let held: { readonly camera: string; readonly place: Place }[] = [];
        const of = (camera: string) => held.filter((one) => one.camera === camera);
        for (const { camera, what, which } of steps) {
          const one = held[which % Math.max(1, held.length)];
          if (what === 'begin') one?.place.begin();
          if (what === 'leave') {
            one?.place.leave();
            held = held.filter((other) => other !== one);
          }
          if (what !== 'enter') continue;
          const isFull = held.length === most;
          const due = held.some(
            ({ camera: other, place }) =>
              place.isWaiting && of(other).length > of(camera).length + 1,
          );
          const [place] = entered(admission, camera);
          expect(place !== null).toBe(!isFull || due);
          if (place) held.push({ camera, place });
          held = held.filter(({ place: mine }) => !mine.isLost);
          expect(admission.size).toBe(held.length);
        }
      },
    ),
  );
});
