import { decodeCursor, encodeCursor, type Position } from './cursor';

/** Cameras that one request looks through at most; a page may so be shorter than its limit. */
const MAX_CAMERAS = 200;

/** Where an entry stands in its camera's list: by instant, then by id. */
export interface Place {
  readonly at: string;
  readonly id: string;
}

export interface PageRequest<Entry> {
  readonly cameras: readonly string[];
  readonly period: { readonly from: string; readonly to: string };
  readonly filters: unknown;
  readonly cursor: string | undefined;
  readonly limit: number;
  /** A camera's entries of a period in the order of their places, from a place on. */
  readonly read: (
    camera: string,
    period: { readonly from: string; readonly to: string; readonly after: Place | null },
  ) => AsyncIterable<Entry>;
  readonly placeOf: (entry: Entry) => Place;
}

/**
 * One page of what cameras have, camera by camera. The cursor holds the period of the first page, so that a
 * list whose end is "now" does not move between its pages.
 * @throws {BadRequestError}
 */
export async function pageOf<Entry>(
  request: PageRequest<Entry>,
): Promise<{ entries: Entry[]; nextCursor: string | null }> {
  const { filters, limit, read, placeOf } = request;
  const start = decodeCursor(request.cursor, filters);
  const { from, to } = {
    from: start?.from ?? request.period.from,
    to: start?.to ?? request.period.to,
  };
  const next = (position: Pick<Position, 'camera' | 'at' | 'id'>): string =>
    encodeCursor({ from, to, ...position }, filters);
  const cameras = request.cameras.toSorted().filter((camera) => isAhead(camera, start));
  const entries: Entry[] = [];
  let last: { camera: string } & Place = { camera: '', at: '', id: '' };
  for (const camera of cameras.slice(0, MAX_CAMERAS)) {
    const after =
      start?.camera === camera && start.at !== null ? { at: start.at, id: start.id } : null;
    for await (const entry of read(camera, { from, to, after })) {
      const place = placeOf(entry);
      if (after && !isBehind(place, after)) continue;
      if (entries.length === limit) return { entries, nextCursor: next(last) };
      entries.push(entry);
      last = { camera, ...place };
    }
  }
  const reached = cameras[MAX_CAMERAS - 1];
  if (reached === undefined || cameras.length === MAX_CAMERAS) return { entries, nextCursor: null };
  return { entries, nextCursor: next({ camera: reached, at: null, id: '' }) };
}

function isAhead(camera: string, start: Position | null): boolean {
  if (start === null) return true;
  return start.at === null ? camera > start.camera : camera >= start.camera;
}

function isBehind(place: Place, other: Place): boolean {
  return place.at > other.at || (place.at === other.at && place.id > other.id);
}
