import { expect, it } from 'vitest';
import { componentChanges } from '../../core/plan-components';

const step = (op: string, types: string, name: string) => ({
  op,
  urn: `urn:pulumi:dev::tierwatch::${types}::${name}`,
});
const STORE = 'tierwatch:index:Store$aws:dynamodb/table:Table';
const OBJECT = 'tierwatch:index:FleetConfig$aws:s3/bucketObjectv2:BucketObjectv2';

it('tells what a plan does by component: objects of a bucket are counted, what stays is', () => {
  const steps = [
    step('create', 'pulumi:pulumi:Stack', 'tierwatch-dev'),
    step('create', 'tierwatch:index:Store', 'tierwatch-dev'),
    step('update', STORE, 'tierwatch-dev'),
    step('create', OBJECT, 'tierwatch-dev-1'),
    step('create', OBJECT, 'tierwatch-dev-2'),
    step('same', OBJECT, 'tierwatch-dev-3'),
    step('delete', 'aws:scheduler/schedule:Schedule', 'tierwatch-dev-alerts'),
    step('replace', 'aws:sqs/queue:Queue', 'tierwatch-dev-cpu'),
    step('create-replacement', 'aws:sqs/queue:Queue', 'tierwatch-dev-cpu'),
    step('delete-replaced', 'aws:sqs/queue:Queue', 'tierwatch-dev-cpu'),
  ];
  expect(componentChanges({ steps })).toEqual([
    { component: 'FleetConfig', lines: ['+ BucketObjectv2 (2)'], unchanged: 1 },
    { component: 'Store', lines: ['~ Table tierwatch-dev'], unchanged: 0 },
    {
      component: 'platform',
      lines: ['- Schedule tierwatch-dev-alerts', '± Queue tierwatch-dev-cpu'],
      unchanged: 0,
    },
  ]);
});
