import { AnalyticsAnswerError } from '../../core/analytics-answers';
import type {
  AnalyticsAnswer,
  AnalyticsQueryName,
  AnalyticsScope,
} from '../../core/analytics-queries';
import { analyticsRowSchema } from '../../core/analytics-row-schema';
import type { AnalyticsReader, AnalyticsRow, AnalyticsStore } from '../../core/ports';
import type { InfluxHttp } from './influx-http';
import { askInfluxql, currentIn, pointsOf, quoted } from './influxql-queries';
import { linesOf, SERIES_TAGS, unfitReason } from './line-protocol';
import type { OnRejected } from './rejected-row';

/** https://docs.influxdata.com/influxdb/v2/write-data/best-practices/optimize-writes/ */
export const MAX_LINES = 5000;
const PAGE = 1000;
/** Columns that are no numbers of the row. */
const NAMES: ReadonlySet<string> = new Set([
  'time',
  ...SERIES_TAGS,
  'segmentKey',
  'range',
  'revision',
]);

/** The time series in Timestream for InfluxDB: measurement `segment`, written by line protocol. */
export class InfluxAnalytics implements AnalyticsStore, AnalyticsReader {
  constructor(
    private readonly influx: InfluxHttp,
    private readonly onRejected: OnRejected,
  ) {}

  /** Rows that InfluxDB will never take are told to `onRejected`. @throws {InfluxUnavailableError} */
  async write(rows: readonly AnalyticsRow[]): Promise<void> {
    const fit = rows.filter((row) => {
      const reason = unfitReason(row);
      if (reason !== null) this.onRejected({ row, reason });
      return reason === null;
    });
    for (const batch of batchesOf(fit)) await this.writeBatch(batch);
  }

  async *rows({
    camera,
    from,
    to,
  }: Parameters<AnalyticsStore['rows']>[0]): AsyncIterable<AnalyticsRow> {
    const ask = (statement: string) => this.influx.query(statement);
    const isSince = (at: string | undefined) => (at === undefined ? [] : [`time >= ${quoted(at)}`]);
    const scope = [
      ...(camera === undefined ? [] : [`"camera" = ${quoted(camera)}`]),
      ...(to === undefined ? [] : [`time < ${quoted(to)}`]),
    ];
    const conditions = [...scope, ...(await currentIn([...isSince(from), ...scope], ask))];
    let [since, given] = [from, 0];
    for (;;) {
      const where = [...isSince(since), ...conditions];
      const [points = []] = await pointsOf(
        ask,
        `SELECT * FROM "segment"${where.length > 0 ? ` WHERE ${where.join(' AND ')}` : ''} ORDER BY time ASC LIMIT ${PAGE} OFFSET ${given}`,
      );
      for (const point of points) yield rowOf(point);
      if (points.length < PAGE) return;
      // The next page starts at the last instant, past those of it that were given.
      const last = String(points.at(-1)!.time);
      const atLast = points.filter(({ time }) => time === last).length;
      given = since === last ? given + atLast : atLast;
      since = last;
    }
  }

  ask<Name extends AnalyticsQueryName>(
    query: Name,
    scope: AnalyticsScope,
  ): Promise<readonly AnalyticsAnswer<Name>[]> {
    return askInfluxql(query, scope, (statements) => this.influx.query(statements));
  }

  /** InfluxDB does not say which line it rejected; writing again is harmless, so halves are tried. */
  private async writeBatch(rows: readonly AnalyticsRow[]): Promise<void> {
    const answer = await this.influx.write(rows.flatMap(linesOf));
    if (answer.kind === 'taken') return;
    const [only] = rows;
    if (rows.length === 1) {
      this.onRejected({ row: only!, reason: answer.reason });
      return;
    }
    const middle = Math.ceil(rows.length / 2);
    await this.writeBatch(rows.slice(0, middle));
    await this.writeBatch(rows.slice(middle));
  }
}

/** Rows whose lines fit one request. */
function* batchesOf(rows: readonly AnalyticsRow[]): Generator<AnalyticsRow[]> {
  let [batch, lines]: [AnalyticsRow[], number] = [[], 0];
  for (const row of rows) {
    const more = linesOf(row).length;
    if (lines + more > MAX_LINES) {
      yield batch;
      [batch, lines] = [[], 0];
    }
    batch.push(row);
    lines += more;
  }
  if (batch.length > 0) yield batch;
}

/** @throws {AnalyticsAnswerError} for a point that no version of this product wrote */
function rowOf(point: Readonly<Record<string, unknown>>): AnalyticsRow {
  const fields = Object.fromEntries(Object.entries(point).filter(([name]) => !NAMES.has(name)));
  const { camera, lane, model, site, tier, segmentKey, range, time } = point;
  const at = new Date(String(time).replace(/(\.\d{3})\d+Z$/, '$1Z'));
  const row = { site, camera, tier, lane, model, segmentKey, range, fields };
  const parsed = analyticsRowSchema.safeParse({ at: at.toJSON(), ...row });
  if (parsed.success) return parsed.data;
  throw new AnalyticsAnswerError(`a point at ${String(time)} of another form`);
}
