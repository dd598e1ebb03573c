import { expect, it } from 'vitest';
import { Shares } from '../../../adapters/gpu-endpoint/shares';
import { waitedFor } from '../../../adapters/gpu-endpoint/waited-for';
import { EndpointUnavailableError } from '../../../core/spill';

it('splits what a process took among what is worked at the same time, and counts none of it twice', () => {
  let seconds = 0;
  const shares = new Shares(() => seconds);
  seconds = 5;
  const first = shares.begin();
  seconds = 6;
  const second = shares.begin();
  seconds = 10;
  expect(first()).toBe(3);
  seconds = 11;
  expect(second()).toBe(3);
  seconds = 20;
  expect([first(), second(), shares.begin()()]).toEqual([3, 3, 0]);
});

it('two messages that wait for the endpoint together share its time; one that fails has waited too', async () => {
  let seconds = 0;
  const shares = new Shares(() => seconds);
  const answers = new Map<string, () => void>();
  const endpoint = {
    analyse: async (file: string) => {
      await new Promise<void>((resolve) => answers.set(file, resolve));
      throw new EndpointUnavailableError('slow', 'too late');
    },
    detect: async () => {
      seconds += 3;
      return 'pictures' as never;
    },
  };
  const [one, other] = [waitedFor(endpoint, shares), waitedFor(endpoint, shares)];
  seconds = 10;
  const first = one.endpoint.analyse('first', {} as never);
  seconds = 12;
  const second = other.endpoint.analyse('second', {} as never);
  seconds = 16;
  answers.get('first')!();
  await expect(first).rejects.toThrow('too late');
  seconds = 17;
  answers.get('second')!();
  await expect(second).rejects.toThrow('too late');
  expect([one.waitSeconds(), other.waitSeconds()]).toEqual([2 + 2, 2 + 1]);
  seconds = 100;
  expect(await other.endpoint.detect([], {} as never)).toBe('pictures');
  expect([one.waitSeconds(), other.waitSeconds()]).toEqual([4, 6]);
});
