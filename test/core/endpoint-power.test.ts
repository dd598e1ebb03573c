import { expect, it } from 'vitest';
import { powerStep } from '../../core/endpoint-power';

it.each([
  ['start', 'absent', 'create'],
  ['start', 'in service', 'nothing'],
  ['start', 'changing', 'nothing'],
  ['stop', 'in service', 'delete'],
  ['stop', 'failed', 'delete'],
  ['stop', 'absent', 'nothing'],
  ['stop', 'changing', 'wait'],
  ['tend', 'in service', 'register scaling'],
  ['tend', 'absent', 'nothing'],
  ['tend', 'changing', 'nothing'],
] as const)('asked to %s an endpoint that is %s, does: %s', (action, status, step) => {
  expect(powerStep(action, status)).toBe(step);
});
