import type { CameraSettings } from './camera-settings';
import { stableHash } from './hash';
import type { DetectionEvent, Presence, SegmentItem } from './segment-result';
import { chainStillSpans, LONGEST_MANOEUVRE_MS, type StillSpan, stayRuleOf } from './stationary';

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

interface Part extends StillSpan {
  /** Hashing takes most of the time, and most parts are of events that nobody asked for. */
  readonly idOf: () => string;
  readonly isStill: boolean;
  readonly peak: number;
  readonly presence: Presence;
  readonly segmentKey: string;
}

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
  return rawEventsOf(items, settings)
    .filter(({ parts }) => period === null || overlaps(parts, period))
    .map((event) => describe(event, { settings, lastMs }))
    .filter((event) => isLongEnough(event, settings))
    .sort((a, b) => a.startedAt.localeCompare(b.startedAt) || a.id.localeCompare(b.id));
}

/** A stationary event as far as retention asks: without the ids, which cost most of the time. */
export type Stay = Pick<DetectionEvent, 'className' | 'zone' | 'startedAt' | 'endedAt'>;

/** The stationary ones of the events of one camera's items. */
export function staysOf(items: readonly EventItem[], settings: EventSettings): Stay[] {
  return rawEventsOf(items, settings)
    .filter(({ isStationary }) => isStationary)
    .map(({ parts }) => stayOf(parts))
    .filter((stay) => isLongEnough(stay, settings));
}

function rawEventsOf(
  items: readonly EventItem[],
  settings: EventSettings,
): (RawEvent & { readonly camera: string })[] {
  const groups = Map.groupBy(partsOf(items), ({ camera, part }) =>
    [camera, part.presence.className, part.presence.zone].join('\n'),
  );
  return [...groups.values()].flatMap((group) => {
    const parts = group.map(({ part }) => part);
    return eventsOf(parts, settings).map((event) => ({ ...event, camera: group[0]!.camera }));
  });
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
  return partsOf([item]).map(({ part }) => part.idOf());
}

function partsOf(items: readonly EventItem[]): { camera: string; part: Part }[] {
  const unique = new Map(
    items.map((item) => [[item.segmentKey, item.objectVersion, item.range].join('\n'), item]),
  );
  return [...unique.values()].flatMap(({ camera, segmentKey, range, presences }) =>
    presences.flatMap((presence) => {
      const { className, zone } = presence;
      const idOf = (kind: string, from: string): (() => string) =>
        once(() => stableHash([camera, className, zone, segmentKey, range, kind, from]));
      const common = { presence, segmentKey };
      return [
        ...presence.moving.map(
          ({ from, to, peak }): Part => ({
            ...common,
            idOf: idOf('moving', from),
            isStill: false,
            peak,
            box: WHOLE,
            ...span(from, to),
          }),
        ),
        ...presence.still.map(
          ({ from, to, box }): Part => ({
            ...common,
            idOf: idOf(`still ${box.join()}`, from),
            isStill: true,
            peak: 1,
            box,
            ...span(from, to),
          }),
        ),
      ].map((part) => ({ camera, part }));
    }),
  );
}

function once(make: () => string): () => string {
  let made: string | null = null;
  return () => {
    made ??= make();
    return made;
  };
}

const WHOLE = [0, 0, 1, 1] as [number, number, number, number];

function span(from: string, to: string): { fromMs: number; toMs: number } {
  return { fromMs: Date.parse(from), toMs: Date.parse(to) };
}

interface RawEvent {
  readonly parts: readonly Part[];
  readonly isStationary: boolean;
}

function eventsOf(parts: readonly Part[], settings: EventSettings): RawEvent[] {
  const gapMs = settings.quietGapSeconds * 1000;
  const movements = stitch(
    parts.filter((part) => !part.isStill),
    gapMs,
  ).map((own) => ({ fromMs: own[0]!.fromMs, toMs: endOf(own) }));
  const chains = chainStillSpans(
    parts.filter((part) => part.isStill),
    movements,
    stayRuleOf(settings),
  );
  const parked = chains.filter(
    (chain) => chain.toMs - chain.fromMs >= settings.stationaryAfterMinutes * 60_000,
  );
  const isParked = new Set(parked.flatMap((chain) => chain.spans));
  const passages = stitch(
    parts.filter((part) => !isParked.has(part)),
    gapMs,
  );
  const taken = new Set<readonly Part[]>();
  const stationary = parked.map((chain): RawEvent => {
    const manoeuvres = passages.filter((passage) => {
      const [fromMs, toMs] = [passage[0]!.fromMs, endOf(passage)];
      const isShort = toMs - fromMs <= LONGEST_MANOEUVRE_MS;
      const arrives = Math.abs(chain.fromMs - toMs) <= gapMs;
      const departs = Math.abs(fromMs - chain.toMs) <= gapMs;
      return isShort && !taken.has(passage) && (arrives || departs);
    });
    for (const passage of manoeuvres) taken.add(passage);
    const all = [...chain.spans, ...manoeuvres.flat()].sort(byTime);
    return { parts: all, isStationary: true };
  });
  const others = passages
    .filter((passage) => !taken.has(passage))
    .map((passage): RawEvent => ({ parts: passage, isStationary: false }));
  return [...stationary, ...others];
}

/** Groups parts whose quiet gaps are at most `gapMs`, by start. */
function stitch(parts: readonly Part[], gapMs: number): Part[][] {
  const groups: Part[][] = [];
  let endMs = Number.NEGATIVE_INFINITY;
  for (const part of [...parts].sort(byTime)) {
    if (part.fromMs - endMs <= gapMs) groups.at(-1)!.push(part);
    else groups.push([part]);
    endMs = Math.max(endMs, part.toMs);
  }
  return groups;
}

function byTime(a: Part, b: Part): number {
  return a.fromMs - b.fromMs || a.toMs - b.toMs || a.idOf().localeCompare(b.idOf());
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
    id: first!.idOf(),
    camera,
    ...stayOf(parts),
    isStationary,
    isOpen: lastMs - endOf(parts) <= settings.quietGapSeconds * 1000,
    peakCount: isStationary
      ? 1
      : parts.reduce(
          (most, part) => Math.max(most, part.isStill ? part.presence.peakCount : part.peak),
          0,
        ),
    bestConfidence: best.presence.bestConfidence,
    snapshotKey: best.presence.snapshotKey,
    segmentKeys: [...new Set(parts.map((part) => part.segmentKey))].sort(),
    partIds: parts.map((part) => part.idOf()),
  };
}

function isLongEnough(event: Stay, { analysis }: EventSettings): boolean {
  const minSeconds = analysis.classFilters[event.className]?.minSeconds ?? 0;
  return Date.parse(event.endedAt) - Date.parse(event.startedAt) >= minSeconds * 1000;
}
