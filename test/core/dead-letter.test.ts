import { expect, it } from 'vitest';
import { deadLetterEntry } from '../../core/dead-letter';

const KEY = 'north-mall/entrance/20261120T080000Z_60s.mp4';
const told = { id: '1', cause: 'x', deadAt: '2026-11-20T08:00:00.000Z' };
const notified = (key: unknown) => ({ Records: [{ s3: { object: { key } } }] });

it.each<[string, unknown, string | null, string | null]>([
  ['a segment’s', { camera: 'a/b', segmentKey: KEY }, 'a/b', KEY],
  ['rows of the time series', [{ camera: 'a/b', segmentKey: KEY }, {}], 'a/b', KEY],
  ['S3’s', notified('north-mall%2Fentrance/20261120T080000Z_60s.mp4'), 'north-mall/entrance', KEY],
  ['S3’s, a key that maps to nothing', notified('my+notes.mp4'), null, 'my notes.mp4'],
  ['S3’s, badly encoded', notified('a%'), null, 'a%'],
  ['EventBridge’s', { detail: { object: { key: KEY } } }, 'north-mall/entrance', KEY],
  ['a camera’s', { camera: 'a/b' }, 'a/b', null],
  ['names of another form', { camera: '<b>/../x', segmentKey: 7 }, null, null],
  ['a key longer than S3 has', { segmentKey: 'k'.repeat(1025) }, null, null],
  ['what an object inherits', { __proto__: { camera: 'a/b' } }, null, null],
  ['no JSON', null, null, null],
  ['text', 'forged', null, null],
  ['an empty list', [], null, null],
])('tells of a dead letter: %s', (_, body, camera, segmentKey) => {
  expect(deadLetterEntry('route', { ...told, body })).toEqual({
    queue: 'route',
    ...told,
    camera,
    segmentKey,
  });
});
