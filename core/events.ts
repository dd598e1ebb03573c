import type { CameraSettings } from './camera-settings';
import { stableHash } from './hash';
import type { DetectionEvent, Presence, SegmentItem } from './segment-result';
import {
  chainStillSpans,
  LONGEST_MANOEUVRE_MS,
  nearby,
  type Span,
  type StillSpan,
  stayRuleOf,
} from './stationary';
import { atOnce, groupInSteps, type Steps } from './steps';

export type EventSettings = Pick<CameraSettings, 'quietGapSeconds' | 'stationaryAfterMinutes'> & {
  readonly analysis: Pick<CameraSettings['analysis'], 'classFilters'>;
};

/** What events are derived from: the part of an item that says who was where and when. */
export type EventItem = Pick<
  SegmentItem,
  'segmentKey' | 'objectVersion' | 'range' | 'camera' | 'startedAt' | 'endedAt'
> & { readonly presences: readonly Presence[] };

/** An event and the ids that its parts had, or would have had, before they were stitched. */
export interface StitchedEvent extends DetectionEvent {
  readonly partIds: readonly string[];
}

/** One interval of one presence. */
class Part implements StillSpan {
  readonly fromMs: number;
  readonly toMs: number;
  private known: string | null = null;

  constructor(
    readonly item: Pick<EventItem, 'camera' | 'segmentKey' | 'range'>,
    readonly presence: Presence,
    readonly interval: Presence['moving'][number] | Presence['still'][number],
  ) {
    this.fromMs = Date.parse(interval.from);
    this.toMs = Date.parse(interval.to);
  }

  get isStill(): boolean {
    return 'box' in this.interval;
  }

  get box(): StillSpan['box'] {
    return 'box' in this.interval ? this.interval.box : WHOLE;
  }

  /** Most seen at once. */
  get peak(): number {
    return 'box' in this.interval ? this.presence.peakCount : this.interval.peak;
  }

  /** Hashing takes most of the time, and most parts are of events that nobody asked for. */
  get id(): string {
    const { camera, segmentKey, range } = this.item;
    const { className, zone } = this.presence;
    const kind = this.isStill ? `still ${this.box.join()}` : 'moving';
    const named = [camera, className, zone, segmentKey, range, kind, this.interval.from];
    this.known ??= stableHash(named);
    return this.known;
  }
}

const WHOLE: StillSpan['box'] = [0, 0, 1, 1];

/**
 * Derives one camera's events from its current items, in any order and with any repetition: presence
 * of a class in a zone, closed after `quietGapSeconds`; a thing that stays put for
 * `stationaryAfterMinutes` is one stationary event from arrival to departure.
 * @param period only events that overlap it. @default all
 */
export function stitchEvents(
  items: readonly EventItem[],
  settings: EventSettings,
  period: { readonly from: string; readonly to: string } | null = null,
): StitchedEvent[] {
  const lastMs = items.reduce(
    (latest, { endedAt }) => Math.max(latest, Date.parse(endedAt)),
    Number.NEGATIVE_INFINITY,
  );
  return atOnce(rawEventsOf(items, settings))
    .filter(({ parts }) => period === null || overlaps(parts, period))
    .map((event) => describe(event, { settings, lastMs }))
    .filter((event) => isLongEnough(event, settings))
    .sort((a, b) => a.startedAt.localeCompare(b.startedAt) || a.id.localeCompare(b.id));
}

/** A stationary event as far as retention asks: without the ids, which cost most of the time. */
export type Stay = Pick<DetectionEvent, 'className' | 'zone' | 'startedAt' | 'endedAt'>;

/** The stationary ones of the events of one camera's items. */
export function staysOf(items: readonly EventItem[], settings: EventSettings): Stay[] {
  return atOnce(staysInSteps(items, settings));
}

/** As `staysOf`: a camera may have 100,000 items. */
export function* staysInSteps(items: readonly EventItem[], settings: EventSettings): Steps<Stay[]> {
  const stays: Stay[] = [];
  for (const { isStationary, parts } of yield* rawEventsOf(items, settings)) {
    if (isStationary) stays.push(stayOf(parts));
    yield;
  }
  return stays.filter((stay) => isLongEnough(stay, settings));
}

type CameraEvent = RawEvent & { readonly camera: string };

function* rawEventsOf(items: readonly EventItem[], settings: EventSettings): Steps<CameraEvent[]> {
  const groups = yield* groupInSteps(
    yield* partsOf(items),
    ({ item, presence }) => `${item.camera}\n${presence.className}\n${presence.zone}`,
  );
  const events: CameraEvent[] = [];
  for (const parts of groups.values()) {
    const { camera } = parts[0]!.item;
    for (const event of yield* eventsOf(parts, settings)) events.push({ ...event, camera });
  }
  return events;
}

function overlaps(
  parts: readonly Part[],
  { from, to }: { readonly from: string; readonly to: string },
): boolean {
  return parts[0]!.fromMs < Date.parse(to) && endOf(parts) > Date.parse(from);
}

/** The event with this id, or the one that an event with this id became part of. */
export function findEvent(events: readonly StitchedEvent[], id: string): StitchedEvent | null {
  return events.find((event) => event.partIds.includes(id)) ?? null;
}

/** The ids that an event would have whose first part is one of an item's. */
export function partIdsOf(item: EventItem): string[] {
  return atOnce(partsOf([item])).map(({ id }) => id);
}

function* partsOf(items: readonly EventItem[]): Steps<Part[]> {
  const unique = new Map<string, EventItem>();
  for (const item of items) {
    unique.set(`${item.segmentKey}\n${item.objectVersion}\n${item.range}`, item);
    yield;
  }
  const parts: Part[] = [];
  for (const item of unique.values()) {
    for (const presence of item.presences) {
      for (const one of presence.moving) parts.push(new Part(item, presence, one));
      for (const one of presence.still) parts.push(new Part(item, presence, one));
    }
    yield;
  }
  return parts;
}

interface RawEvent {
  readonly parts: readonly Part[];
  readonly isStationary: boolean;
}

function* eventsOf(parts: readonly Part[], settings: EventSettings): Steps<RawEvent[]> {
  const gapMs = settings.quietGapSeconds * 1000;
  const moving = parts.filter((part) => !part.isStill);
  const still = parts.filter((part) => part.isStill);
  const chains = yield* chainStillSpans(still, yield* stitch(moving, gapMs), stayRuleOf(settings));
  const parked = chains.filter(
    (chain) => chain.toMs - chain.fromMs >= settings.stationaryAfterMinutes * 60_000,
  );
  const isParked = new Set(parked.flatMap((chain) => chain.spans));
  const passages = yield* stitch(
    parts.filter((part) => !isParked.has(part)),
    gapMs,
  );
  const taken = new Set<Passage>();
  const events: RawEvent[] = [];
  for (const chain of parked) {
    const arriving = nearby(passages, 'toMs', { atMs: chain.fromMs, withinMs: gapMs });
    const departing = nearby(passages, 'fromMs', { atMs: chain.toMs, withinMs: gapMs });
    const manoeuvres = [...new Set([...arriving, ...departing])].filter(
      (passage) => passage.toMs - passage.fromMs <= LONGEST_MANOEUVRE_MS && !taken.has(passage),
    );
    for (const passage of manoeuvres) taken.add(passage);
    const own = manoeuvres.flatMap((passage) => passage.parts);
    events.push({ parts: [...chain.spans, ...own].sort(byTime), isStationary: true });
    yield;
  }
  for (const passage of passages) {
    if (!taken.has(passage)) events.push({ parts: passage.parts, isStationary: false });
  }
  return events;
}

/** Parts that follow on one another. */
interface Passage extends Span {
  readonly parts: readonly Part[];
}

/** Groups parts whose quiet gaps are at most `gapMs`, by start. */
function* stitch(parts: readonly Part[], gapMs: number): Steps<Passage[]> {
  const passages: { fromMs: number; toMs: number; parts: Part[] }[] = [];
  for (const part of yield* inOrder(parts)) {
    const { fromMs, toMs } = part;
    const last = passages.at(-1);
    if (last && fromMs - last.toMs <= gapMs) {
      last.parts.push(part);
      last.toMs = Math.max(last.toMs, toMs);
    } else passages.push({ fromMs, toMs, parts: [part] });
    yield;
  }
  return passages;
}

/** As sorting by `byTime`, a step a moment: where a street is full of parked cars most parts are tied, and an id costs a hash. */
function* inOrder(parts: readonly Part[]): Steps<Part[]> {
  const sorted = parts.toSorted((a, b) => a.fromMs - b.fromMs || a.toMs - b.toMs);
  for (let from = 0, end: number; from < sorted.length; from = end) {
    const { fromMs, toMs } = sorted[from]!;
    end = from + 1;
    while (sorted[end]?.fromMs === fromMs && sorted[end]?.toMs === toMs) end++;
    const tied = end - from > 1 ? sorted.slice(from, end).sort(byTime) : [];
    for (const [index, part] of tied.entries()) sorted[from + index] = part;
    yield;
  }
  return sorted;
}

function byTime(a: Part, b: Part): number {
  return a.fromMs - b.fromMs || a.toMs - b.toMs || a.id.localeCompare(b.id);
}

function endOf(parts: readonly Part[]): number {
  return parts.reduce((latest, { toMs }) => Math.max(latest, toMs), Number.NEGATIVE_INFINITY);
}

function stayOf(parts: readonly Part[]): Stay {
  const { presence, fromMs } = parts[0]!;
  const { className, zone } = presence;
  const [startedAt, endedAt] = [new Date(fromMs), new Date(endOf(parts))];
  return { className, zone, startedAt: startedAt.toISOString(), endedAt: endedAt.toISOString() };
}

function describe(
  { camera, parts, isStationary }: RawEvent & { readonly camera: string },
  { settings, lastMs }: { readonly settings: EventSettings; readonly lastMs: number },
): StitchedEvent {
  const [first] = parts;
  const best = parts.reduce((a, b) =>
    b.presence.bestConfidence > a.presence.bestConfidence ? b : a,
  );
  return {
    id: first!.id,
    camera,
    ...stayOf(parts),
    isStationary,
    isOpen: lastMs - endOf(parts) <= settings.quietGapSeconds * 1000,
    peakCount: isStationary ? 1 : parts.reduce((most, { peak }) => Math.max(most, peak), 0),
    bestConfidence: best.presence.bestConfidence,
    snapshotKey: best.presence.snapshotKey,
    segmentKeys: [...new Set(parts.map(({ item }) => item.segmentKey))].sort(),
    partIds: parts.map(({ id }) => id),
  };
}

function isLongEnough(event: Stay, { analysis }: EventSettings): boolean {
  const minSeconds = analysis.classFilters[event.className]?.minSeconds ?? 0;
  return Date.parse(event.endedAt) - Date.parse(event.startedAt) >= minSeconds * 1000;
}
