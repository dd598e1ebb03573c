import { expect, it } from 'vitest';
import { powerEventSchema, powerStep } from '../../core/endpoint-power';

it.each([
  ['start', 'absent', 'create'],
  ['start', 'in service', 'nothing'],
  ['start', 'outdated', 'update'],
  ['start', 'changing', 'nothing'],
  ['stop', 'in service', 'delete'],
  ['stop', 'outdated', 'delete'],
  ['stop', 'failed', 'delete'],
  ['stop', 'absent', 'nothing'],
  ['stop', 'changing', 'wait'],
  ['tend', 'in service', 'register scaling'],
  ['tend', 'outdated', 'update'],
  ['tend', 'absent', 'nothing'],
  ['tend', 'changing', 'nothing'],
  ['tend', 'failed', 'nothing'],
] as const)('asked to %s an endpoint that is %s, does: %s', (order, status, step) => {
  expect(powerStep(order, status)).toBe(step);
});

it('takes what a schedule sends and what Pulumi adds, and nothing else', () => {
  const tf = { action: 'delete', prev_input: {} };
  expect(powerEventSchema.parse({ action: 'tend', configuration: 'c', tf })).toMatchObject({ tf });
  expect(() => powerEventSchema.parse({ action: 'explode' })).toThrow();
  expect(() => powerEventSchema.parse({ action: 'tend', endpoint: 'another' })).toThrow();
});
