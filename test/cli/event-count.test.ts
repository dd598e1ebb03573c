import { expect, it } from 'vitest';
import { EventCount } from '../../cli/start/event-count';
import { stitchEvents } from '../../core/events';
import { parseFleet } from '../../core/fleet/parse';
import { resolveCamera } from '../../core/fleet/resolve';
import type { Presence } from '../../core/segment-result';
import { ORIGIN_MS, quietItem } from '../core/segment-items';

const fleet = parseFleet('fleet.yaml', '{}');
const settingsOf = (camera: string, at: string) => resolveCamera(fleet, camera, at).settings;
const at = (seconds: number): string => new Date(ORIGIN_MS + seconds * 1000).toISOString();

function passing(fromSeconds: number, toSeconds: number): Presence {
  return {
    className: 'person',
    zone: 'frame',
    moving: [{ from: at(fromSeconds), to: at(toSeconds), peak: 1 }],
    still: [],
    peakCount: 1,
    bestConfidence: 0.8,
    bestAt: at(fromSeconds),
    snapshotKey: null,
  };
}

it('counts the events of a thousand minutes as all rows together make them', () => {
  // Somebody passes each minute; in every seventh over its end, into the next.
  const items = Array.from({ length: 1000 }, (_, index) => {
    const start = index * 60;
    const presences = [passing(start + 20, start + (index % 7 === 0 ? 60 : 30))];
    if (index % 7 === 1) presences.push(passing(start, start + 5));
    return quietItem({ index, presences: index % 3 === 0 ? [] : presences });
  });
  const count = new EventCount(settingsOf);
  for (const item of items) count.add(item);
  const settings = settingsOf('site/cam', at(0));
  expect(count.total()).toBe(stitchEvents(items, settings).length);
});
