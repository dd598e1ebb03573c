import { expect, it } from 'vitest';
import { CpuShares } from '../../../adapters/gpu-endpoint/cpu-shares';

it('splits the CPU of a process among what is worked at the same time, and counts none of it twice', () => {
  let seconds = 0;
  const cpu = new CpuShares(() => ({ user: seconds * 0.75e6, system: seconds * 0.25e6 }));
  seconds = 5;
  const first = cpu.begin();
  seconds = 6;
  const second = cpu.begin();
  seconds = 10;
  expect(first()).toBe(3);
  seconds = 11;
  expect(second()).toBe(3);
  seconds = 20;
  expect([first(), second(), cpu.begin()()]).toEqual([3, 3, 0]);
});
