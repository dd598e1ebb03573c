import { expect, it } from 'vitest';
import { inTurns } from '../../cli/start/in-turns';
import type { Steps } from '../../core/steps';

it('gives other work its turn while the steps go on', async () => {
  let isServed = false;
  function* untilServed(): Steps<string> {
    while (!isServed) yield;
    return 'served meanwhile';
  }
  setImmediate(() => {
    isServed = true;
  });
  expect(await inTurns(untilServed())).toBe('served meanwhile');
});

it('hands on what a step throws', async () => {
  // biome-ignore lint/correctness/useYield: it fails before its first pause
  function* failing(): Steps<never> {
    throw new Error('no such camera');
  }
  await expect(inTurns(failing())).rejects.toThrow('no such camera');
});
