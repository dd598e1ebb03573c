import type { DetectionEvent } from '../../core/segment-result';

/** What a list shows of an event. */
export type ListedEvent = Omit<DetectionEvent, 'segmentKeys'>;

const names = new Map<string, string>();

/** Without what no list shows, and each name once in memory: a day of a large fleet has 100,000 events. */
export function listedEvent(event: DetectionEvent): ListedEvent {
  const { segmentKeys: _, ...rest } = event;
  return {
    ...rest,
    camera: once(event.camera),
    className: once(event.className),
    zone: once(event.zone),
  };
}

function once(name: string): string {
  const known = names.get(name);
  if (known === undefined) names.set(name, name);
  return known ?? name;
}
