import type { CameraSettings } from '../../core/camera-settings';
import { type EventItem, stitchEvents } from '../../core/events';
import { stayRuleOf } from '../../core/stationary';

/** Items with presences that a camera holds before those of events that are over are let go. */
const MOST_HELD = 200;

interface Held {
  items: EventItem[];
  /** Events that are over, whose items are let go. */
  over: number;
  /** Events of the items that are held; null: to be counted again. */
  open: number | null;
  mostHeld: number;
}

/** How many events the items of this run make, for the progress line; the summary counts all rows. */
export class EventCount {
  private readonly cameras = new Map<string, Held>();

  constructor(private readonly settingsOf: (camera: string, at: string) => CameraSettings) {}

  add({
    segmentKey,
    objectVersion,
    range,
    camera,
    startedAt,
    endedAt,
    presences,
  }: EventItem): void {
    if (presences.length === 0) return;
    const held = this.cameras.get(camera) ?? {
      items: [],
      over: 0,
      open: null,
      mostHeld: MOST_HELD,
    };
    this.cameras.set(camera, held);
    held.items.push({ segmentKey, objectVersion, range, camera, startedAt, endedAt, presences });
    held.open = null;
    if (held.items.length > held.mostHeld) this.letGo(held);
  }

  total(): number {
    let total = 0;
    for (const held of this.cameras.values()) {
      held.open ??= this.eventsOf(held.items).length;
      total += held.over + held.open;
    }
    return total;
  }

  /** Items come nearly by time: what ended well before the later half of them began is over. */
  private letGo(held: Held): void {
    const items = held.items.toSorted((a, b) => a.startedAt.localeCompare(b.startedAt));
    const { camera, startedAt } = items[items.length >> 1]!;
    const { longestGapMs } = stayRuleOf(this.settingsOf(camera, startedAt));
    const middleMs = Date.parse(startedAt) - longestGapMs;
    const events = this.eventsOf(items);
    const open = events.filter(({ endedAt }) => Date.parse(endedAt) >= middleMs);
    const fromMs = open.reduce(
      (first, { startedAt }) => Math.min(first, Date.parse(startedAt)),
      middleMs,
    );
    held.items = items.filter(({ endedAt }) => Date.parse(endedAt) > fromMs);
    held.over += events.length - this.eventsOf(held.items).length;
    held.mostHeld = Math.max(MOST_HELD, 2 * held.items.length);
  }

  private eventsOf(items: readonly EventItem[]) {
    const [first] = items;
    if (!first) return [];
    const settings = this.settingsOf(first.camera, first.startedAt);
    return stitchEvents(items, settings).filter(({ zone }) => zone === 'frame');
  }
}
