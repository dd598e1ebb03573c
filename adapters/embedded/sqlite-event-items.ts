import { setImmediate } from 'node:timers/promises';
import type { EventItem } from '../../core/events';
import type { RecentFilter } from '../../core/recent-events';
import type { SegmentItem } from '../../core/segment-result';
import type { Database, Row, Value } from './database';

const COLUMNS = 'segment_key, object_version, range, camera, started_ms, ended_ms, presences';
const PAGE = 500;
/** The last instant that a Date can hold. */
const MAX_TIME_MS = 8.64e15;

type Period = { readonly from?: string | undefined; readonly to?: string | undefined };
type TimelineItem = Pick<
  SegmentItem,
  'segmentKey' | 'objectKey' | 'startedAt' | 'endedAt' | 'status' | 'range'
>;

/** What events and timelines are made of, read without the frames of the items. */
export class SqliteEventItems {
  constructor(private readonly database: Database) {}

  /** Of a camera's items that overlap [from, to): the first, those with presences, the one that ends last. */
  async *itemsOfCamera(camera: string, { from, to }: Period): AsyncIterable<EventItem> {
    const span = this.spanOf(camera, { from, to });
    const [first] = this.overlapping(
      camera,
      span,
      'ORDER BY started_ms, segment_key, range LIMIT 1',
    );
    if (!first) return;
    yield itemOf(first);
    let last: Value[] = [span.earliestMs, '', '', ''];
    for (;;) {
      const page = this.overlapping(
        camera,
        span,
        `AND presences <> '[]' AND (started_ms, segment_key, object_version, range) > (?, ?, ?, ?)
         ORDER BY started_ms, segment_key, object_version, range LIMIT ${PAGE}`,
        last,
      );
      for (const row of page) if (!isSame(row, first)) yield itemOf(row);
      const end = page.at(-1);
      if (!end || page.length < PAGE) break;
      last = [Number(end.started_ms), ...namesOf(end)];
    }
    const latest = this.latest(camera, span);
    if (latest && !isSame(latest, first) && latest.presences === '[]') yield itemOf(latest);
  }

  /** All of a camera's items, quiet ones too, page by page; other work gets its turn in between. */
  async *allOfCamera(camera: string): AsyncIterable<EventItem> {
    let last: Value[] = [-MAX_TIME_MS, '', '', ''];
    for (;;) {
      const page = this.database.all(
        `SELECT ${COLUMNS} FROM current
         WHERE camera = ? AND (started_ms, segment_key, object_version, range) > (?, ?, ?, ?)
         ORDER BY started_ms, segment_key, object_version, range LIMIT ${PAGE}`,
        camera,
        ...last,
      );
      for (const row of page) yield itemOf(row);
      const end = page.at(-1);
      if (!end || page.length < PAGE) return;
      last = [Number(end.started_ms), ...namesOf(end)];
      await setImmediate();
    }
  }

  /** With presences, of all cameras that count: what ends latest first. */
  async *recentItems(
    { from, to }: { readonly from: string; readonly to: string },
    filter: RecentFilter,
  ): AsyncIterable<Pick<EventItem, 'camera' | 'startedAt' | 'endedAt'>> {
    if (filter.sites?.length === 0) return;
    const wanted = conditionOf(filter);
    const index = filter.camera === undefined ? 'current_seen_by_end' : 'current_seen_of_camera';
    const sql = `SELECT camera, started_ms, ended_ms FROM current INDEXED BY ${index}
      WHERE seen <> '' AND ended_ms > ? AND started_ms < ? AND (ended_ms, camera, started_ms) < (?, ?, ?)${wanted.sql}
      ORDER BY ended_ms DESC, camera DESC, started_ms DESC LIMIT ${PAGE}`;
    const [fromMs, toMs] = [Date.parse(from), Date.parse(to)];
    // Nothing that starts before the end of the period ends later than the longest item after it.
    let last: Value[] = [toMs + this.longestOfAllMs() + 1, '', 0];
    for (;;) {
      const page = this.database.all(sql, fromMs, toMs, ...last, ...wanted.values);
      for (const row of page) yield { camera: String(row.camera), ...instantsOf(row) };
      const end = page.at(-1);
      if (!end || page.length < PAGE) return;
      last = [Number(end.ended_ms), String(end.camera), Number(end.started_ms)];
    }
  }

  /** A camera's items that overlap [from, to), by start. */
  async *timelineItems(
    camera: string,
    period: { readonly from: string; readonly to: string },
  ): AsyncIterable<TimelineItem> {
    const { fromMs, toMs, earliestMs } = this.spanOf(camera, period);
    const rows = this.database.all(
      `SELECT segment_key, object_key, range, started_ms, ended_ms, status FROM current
       WHERE camera = ? AND started_ms < ? AND ended_ms > ? AND started_ms >= ? ORDER BY started_ms, segment_key, range`,
      camera,
      toMs,
      fromMs,
      earliestMs,
    );
    for (const row of rows) {
      yield {
        segmentKey: String(row.segment_key),
        objectKey: String(row.object_key),
        range: String(row.range),
        status: row.status as SegmentItem['status'],
        ...instantsOf(row),
      };
    }
  }

  private overlapping(camera: string, span: Span, rest: string, values: Value[] = []): Row[] {
    const { fromMs, toMs, earliestMs } = span;
    return this.database.all(
      `SELECT ${COLUMNS} FROM current WHERE camera = ? AND started_ms < ? AND ended_ms > ? AND started_ms >= ? ${rest}`,
      camera,
      toMs,
      fromMs,
      earliestMs,
      ...values,
    );
  }

  /** Only those that start within the longest item of the last start can end last. */
  private latest(camera: string, span: Span): Row | undefined {
    const [last] = this.overlapping(camera, span, 'ORDER BY started_ms DESC LIMIT 1');
    if (!last) return undefined;
    const earliestMs = Math.max(span.earliestMs, Number(last.started_ms) - span.longestMs);
    return this.overlapping(camera, { ...span, earliestMs }, 'ORDER BY ended_ms DESC LIMIT 1')[0];
  }

  private longestOfAllMs(): number {
    const sql = 'SELECT MAX(ended_ms - started_ms) AS longest FROM current';
    return Number(this.database.get(sql)!.longest ?? 0);
  }

  private spanOf(camera: string, { from, to }: Period): Span {
    const fromMs = from === undefined ? -MAX_TIME_MS : Date.parse(from);
    const toMs = to === undefined ? MAX_TIME_MS : Date.parse(to);
    const sql = 'SELECT MAX(ended_ms - started_ms) AS longest FROM current WHERE camera = ?';
    const longestMs = Number(this.database.get(sql, camera)!.longest ?? 0);
    return { fromMs, toMs, longestMs, earliestMs: fromMs - longestMs };
  }
}

/** Classes and zones of an item's presences, as the index holds them: names hold no white space but blanks. */
export function seenIn({ presences }: Pick<SegmentItem, 'presences'>): string {
  const seen = presences.map(({ className, zone }) => `${className}\t${zone}\n`);
  return seen.length === 0 ? '' : `\n${seen.join('')}`;
}

function conditionOf({ camera, sites, className, zone }: RecentFilter): {
  sql: string;
  values: Value[];
} {
  const parts: [sql: string, values: Value[]][] = [];
  if (camera !== undefined) parts.push(['camera = ?', [camera]]);
  if (sites !== null) {
    // "0" follows "/": what lies between is the site's own.
    const own = sites.map(() => '(camera >= ? AND camera < ?)').join(' OR ');
    parts.push([`(${own})`, sites.flatMap((site) => [`${site}/`, `${site}0`])]);
  }
  if (className !== undefined) parts.push(['instr(seen, ?) > 0', [`\n${className}\t`]]);
  if (zone !== undefined) parts.push(['instr(seen, ?) > 0', [`\t${zone}\n`]]);
  return {
    sql: parts.map(([sql]) => ` AND ${sql}`).join(''),
    values: parts.flatMap(([, values]) => values),
  };
}

interface Span {
  readonly fromMs: number;
  readonly toMs: number;
  /** Of the camera's longest item. */
  readonly longestMs: number;
  /** Nothing that started before this reaches into the span. */
  readonly earliestMs: number;
}

function namesOf(row: Row): string[] {
  return [String(row.segment_key), String(row.object_version), String(row.range)];
}

function isSame(a: Row, b: Row): boolean {
  return namesOf(a).join('\n') === namesOf(b).join('\n');
}

function instantsOf(row: Row): { startedAt: string; endedAt: string } {
  return {
    startedAt: new Date(Number(row.started_ms)).toISOString(),
    endedAt: new Date(Number(row.ended_ms)).toISOString(),
  };
}

function itemOf(row: Row): EventItem {
  return {
    segmentKey: String(row.segment_key),
    objectVersion: String(row.object_version),
    range: String(row.range),
    camera: String(row.camera),
    ...instantsOf(row),
    presences: JSON.parse(String(row.presences)) as EventItem['presences'],
  };
}
