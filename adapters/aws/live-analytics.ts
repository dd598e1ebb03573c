import { paginateQuery, type TimestreamQueryClient } from '@aws-sdk/client-timestream-query';
import {
  type _Record as LiveRecord,
  RejectedRecordsException,
  type TimestreamWriteClient,
  WriteRecordsCommand,
} from '@aws-sdk/client-timestream-write';
import { AnalyticsAnswerError } from '../../core/analytics-answers';
import type {
  AnalyticsAnswer,
  AnalyticsQueryName,
  AnalyticsScope,
} from '../../core/analytics-queries';
import { isOutdated } from '../../core/analytics-row';
import { analyticsRowSchema } from '../../core/analytics-row-schema';
import { rowTimeNs } from '../../core/analytics-time';
import type { AnalyticsReader, AnalyticsRow, AnalyticsStore, Clock } from '../../core/ports';
import {
  askLiveAnalytics,
  decodePages,
  type LiveAnalyticsTable,
  rowsSql,
} from './live-analytics-queries';
import type { OnRejected } from './rejected-row';

/** https://docs.aws.amazon.com/timestream/latest/developerguide/API_WriteRecords.html */
const MAX_RECORDS = 100;
/** What a record is known by, with its time: a range that is analysed again takes its own place. */
const DIMENSIONS = ['site', 'camera'] as const;
const TEXTS = ['tier', 'lane', 'model', 'segmentKey', 'range'] as const;
/** Columns that are no numbers of the row. */
const NAMES: ReadonlySet<string> = new Set(['time', 'measure_name', ...DIMENSIONS, ...TEXTS]);

export interface LiveAnalyticsOptions {
  readonly table: LiveAnalyticsTable;
  /** Orders the writes of a row that says no `currentAt`: the last stands. */
  readonly clock: Clock;
  readonly onRejected: OnRejected;
}

/** The time series in Timestream for LiveAnalytics: a multi-measure record a segment and range. */
export class LiveAnalytics implements AnalyticsStore, AnalyticsReader {
  private lastVersion = 0;

  constructor(
    private readonly clients: {
      readonly timestreamWrite: TimestreamWriteClient;
      readonly timestreamQuery: TimestreamQueryClient;
    },
    private readonly options: LiveAnalyticsOptions,
  ) {}

  /** Rows that LiveAnalytics will never take are told to `onRejected`. */
  async write(rows: readonly AnalyticsRow[]): Promise<void> {
    this.lastVersion = Math.max(this.lastVersion + 1, this.options.clock.now().getTime());
    const version = this.lastVersion;
    // Of one record twice in a call, the second would be rejected.
    const once = new Map<string, AnalyticsRow>();
    for (const row of rows) {
      const id = recordId(row);
      if (!isOutdated(row, once.get(id) ?? {})) once.set(id, row);
    }
    const records = [...once.values()].map((row) => ({ row, version: versionOf(row) ?? version }));
    for (let from = 0; from < records.length; from += MAX_RECORDS) {
      await this.writeBatch(records.slice(from, from + MAX_RECORDS));
    }
  }

  async *rows(options: Parameters<AnalyticsStore['rows']>[0]): AsyncIterable<AnalyticsRow> {
    for await (const page of this.pagesOf(rowsSql(options, this.options.table))) {
      for (const columns of decodePages([page])) yield rowOf(columns);
    }
  }

  ask<Name extends AnalyticsQueryName>(
    query: Name,
    scope: AnalyticsScope,
  ): Promise<readonly AnalyticsAnswer<Name>[]> {
    return askLiveAnalytics(query, scope, {
      table: this.options.table,
      ask: (sql) => Array.fromAsync(this.pagesOf(sql)),
    });
  }

  private pagesOf(sql: string): AsyncIterable<unknown> {
    return paginateQuery({ client: this.clients.timestreamQuery }, { QueryString: sql });
  }

  private async writeBatch(records: readonly Versioned[]): Promise<void> {
    const { table, onRejected } = this.options;
    const command = new WriteRecordsCommand({
      DatabaseName: table.database,
      TableName: table.table,
      CommonAttributes: {
        MeasureName: 'segment',
        MeasureValueType: 'MULTI',
        TimeUnit: 'NANOSECONDS',
      },
      Records: records.map(recordOf),
    });
    try {
      await this.clients.timestreamWrite.send(command);
    } catch (error) {
      if (!(error instanceof RejectedRecordsException)) throw error;
      for (const { RecordIndex = 0, Reason, ExistingVersion } of error.RejectedRecords ?? []) {
        const record = records[RecordIndex];
        if (!record) continue;
        // Of a later analysis, or written again since: that row stands.
        if (ExistingVersion !== undefined && ExistingVersion >= record.version) continue;
        onRejected({ row: record.row, reason: Reason ?? 'no reason given' });
      }
    }
  }
}

interface Versioned {
  readonly row: AnalyticsRow;
  /** Of one record the highest stands, whenever it is written. */
  readonly version: number;
}

function versionOf({ currentAt }: AnalyticsRow): number | null {
  return currentAt === undefined ? null : Date.parse(currentAt);
}

function recordOf({ row, version }: Versioned): LiveRecord {
  return {
    Version: version,
    Dimensions: DIMENSIONS.map((Name) => ({ Name, Value: row[Name] })),
    Time: rowTimeNs(row),
    MeasureValues: [
      ...TEXTS.map((Name) => ({ Name, Value: row[Name], Type: 'VARCHAR' as const })),
      ...Object.entries(row.fields).map(([Name, value]) => ({
        Name,
        Value: String(value),
        Type: 'DOUBLE' as const,
      })),
    ],
  };
}

function recordId(row: AnalyticsRow): string {
  return JSON.stringify([rowTimeNs(row), ...DIMENSIONS.map((name) => row[name])]);
}

/** @throws {AnalyticsAnswerError} for a record that no version of this product wrote */
function rowOf(columns: Readonly<Record<string, string>>): AnalyticsRow {
  const fields = Object.entries(columns).filter(([name]) => !NAMES.has(name));
  const { time = '', site, camera, tier, lane, model, segmentKey, range } = columns;
  const parsed = analyticsRowSchema.safeParse({
    at: `${time.slice(0, 23).replace(' ', 'T')}Z`,
    ...{ site, camera, tier, lane, model, segmentKey, range },
    fields: Object.fromEntries(fields.map(([name, value]) => [name, Number(value)])),
  });
  if (parsed.success) return parsed.data;
  throw new AnalyticsAnswerError(`a record at ${time} of another form`);
}
