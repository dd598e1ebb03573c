import { expect, it } from 'vitest';
import { listedEvent } from '../../dashboard/logic/listed-event';

it('a listed event has all that a list shows, and not its segments', () => {
  const shown = {
    id: 'a',
    camera: 'depot/gate',
    className: 'person',
    zone: 'door',
    startedAt: '2026-11-02T08:00:00.000Z',
    endedAt: '2026-11-02T08:00:09.000Z',
    isStationary: false,
    isOpen: true,
    peakCount: 2,
    bestConfidence: 0.9,
    snapshotKey: 'depot/gate/a.jpg',
  };
  expect(listedEvent({ ...shown, segmentKeys: ['depot/gate/b.mp4'] })).toEqual(shown);
});
