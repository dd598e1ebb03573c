import { expect, it } from 'vitest';
import { hearStops } from '../../cli/start/stop-signal';

it('takes the first Ctrl-C and its echo for one wish, and a later one for another', () => {
  const heard: (string | number)[] = [];
  let atMs = 0;
  const hear = hearStops({
    nowMs: () => atMs,
    onStop: () => heard.push('stop'),
    onEnd: (exitCode) => heard.push(exitCode),
  });
  for (const ms of [0, 20, 1000]) {
    atMs = ms;
    hear('SIGINT');
  }
  expect(heard).toEqual(['stop']);
  atMs = 1001;
  hear('SIGINT');
  hear('SIGTERM');
  expect(heard).toEqual(['stop', 130, 143]);
});
