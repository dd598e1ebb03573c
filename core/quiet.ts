import type { EventItem, Stay } from './events';

/**
 * Whether an item holds nothing but what is stationary: no evidence to keep.
 * @param stays of the item's camera
 * @returns a test that takes a binary search a still interval, however many stays there are
 */
export function quietTest(stays: readonly Stay[]): (item: Pick<EventItem, 'presences'>) => boolean {
  const reaches = new Map(
    [...Map.groupBy(stays, nameOf)].map(([name, own]) => [name, reachOf(own)]),
  );
  return ({ presences }) =>
    presences.every((presence) => {
      if (presence.moving.length > 0) return false;
      const reach = reaches.get(nameOf(presence)) ?? [];
      return presence.still.every(({ from, to }) => endOfThoseBegun(reach, from) >= to);
    });
}

function nameOf({ className, zone }: { readonly className: string; readonly zone: string }) {
  return `${className}\n${zone}`;
}

/** By start, each with the latest end of all that had begun by then. */
function reachOf(stays: readonly Stay[]): { readonly startedAt: string; readonly end: string }[] {
  let end = '';
  return stays
    .toSorted((a, b) => (a.startedAt < b.startedAt ? -1 : 1))
    .map(({ startedAt, endedAt }) => {
      if (endedAt > end) end = endedAt;
      return { startedAt, end };
    });
}

function endOfThoseBegun(reach: ReturnType<typeof reachOf>, at: string): string {
  let [low, high] = [0, reach.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (reach[middle]!.startedAt <= at) low = middle + 1;
    else high = middle;
  }
  return reach[low - 1]?.end ?? '';
}
