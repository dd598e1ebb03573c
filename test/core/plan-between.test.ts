import { expect, it } from 'vitest';
import { parseExport, planBetween } from '../../core/plan-between';

const stateOf = (resources: Readonly<Record<string, unknown>>) =>
  parseExport(
    JSON.stringify({
      deployment: {
        resources: Object.entries(resources).map(([urn, inputs]) => ({
          urn,
          type: 'aws:x',
          inputs,
        })),
      },
    }),
  );

it('tells what came, went, changed and stayed between two states of a stack', () => {
  const before = stateOf({ kept: { a: 1, b: 2 }, changed: { a: 1 }, gone: {} });
  const after = stateOf({ kept: { b: 2, a: 1 }, changed: { a: 2 }, come: { a: 3 } });
  const state = (inputs: object) => ({ type: 'aws:x', inputs });
  expect(planBetween(before, after).steps).toEqual([
    { op: 'same', urn: 'kept', oldState: state({ a: 1, b: 2 }), newState: state({ b: 2, a: 1 }) },
    { op: 'update', urn: 'changed', oldState: state({ a: 1 }), newState: state({ a: 2 }) },
    { op: 'delete', urn: 'gone', oldState: state({}) },
    { op: 'create', urn: 'come', newState: state({ a: 3 }) },
  ]);
});

it('takes a stack that holds nothing for one from which everything is new', () => {
  const nothing = parseExport('{"version":3,"deployment":{}}');
  expect(planBetween(nothing, stateOf({ come: {} })).steps.map(({ op }) => op)).toEqual(['create']);
});
