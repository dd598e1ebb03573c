import { expect, it } from 'vitest';
import { reportCamera } from '../../core/camera-report';
import { itemAt, minute } from '../contracts/records';

it('reports segments that cover the same time, and how far a clock is ahead', () => {
  const items = [
    itemAt(0),
    itemAt(1, { endedAt: minute(2), analysedAt: minute(1.5) }),
    itemAt(2, { startedAt: minute(1.5), segmentKey: 'late.mp4' }),
  ];
  expect(reportCamera('north-mall/entrance', items)).toEqual({
    camera: 'north-mall/entrance',
    segments: 3,
    firstAt: minute(0),
    lastAt: minute(3),
    clockAheadSeconds: 30,
    overlaps: [{ segmentKey: items[1]!.segmentKey, withSegmentKey: 'late.mp4', seconds: 30 }],
  });
});

it('finds nothing odd about neighbours whose lengths were rounded up', () => {
  const items = [itemAt(0, { endedAt: minute(1 + 0.9 / 60) }), itemAt(1)];
  expect(reportCamera('a/b', items)).toMatchObject({ clockAheadSeconds: 0, overlaps: [] });
  expect(reportCamera('a/b', [])).toMatchObject({ segments: 0, firstAt: null, lastAt: null });
});
