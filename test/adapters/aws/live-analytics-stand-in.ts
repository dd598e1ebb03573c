import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DatabaseSync } from 'node:sqlite';
import * as z from 'zod';
import { describeTable } from '../../../adapters/aws/live-analytics-queries';

export const TABLE = { database: 'tierwatch-dev', table: 'segments' };
const NAME = '"tierwatch-dev"."segments"';
const DIMENSIONS = ['site', 'camera'] as const;

/** What a call of ours looks like, to the last field; the API takes more. */
const writeSchema = z.strictObject({
  DatabaseName: z.literal(TABLE.database),
  TableName: z.literal(TABLE.table),
  CommonAttributes: z.strictObject({
    MeasureName: z.literal('segment'),
    MeasureValueType: z.literal('MULTI'),
    TimeUnit: z.literal('NANOSECONDS'),
  }),
  Records: z
    .array(
      z.strictObject({
        Version: z.number().int().min(1),
        Dimensions: z.array(z.strictObject({ Name: z.enum(DIMENSIONS), Value: z.string().min(1) })),
        Time: z.string().regex(/^\d{19}$/),
        MeasureValues: z
          .array(
            z.strictObject({
              Name: z.string().min(1),
              Value: z.string().min(1),
              Type: z.enum(['DOUBLE', 'VARCHAR']),
            }),
          )
          .max(256),
      }),
    )
    .min(1)
    .max(100),
});
const querySchema = z.strictObject({
  QueryString: z.string(),
  NextToken: z.string().optional(),
  /** The SDK's own. */
  ClientToken: z.string(),
});

type Write = z.infer<typeof writeSchema>;
interface Rejected {
  readonly RecordIndex: number;
  readonly Reason: string;
  readonly ExistingVersion?: number;
}

/**
 * Timestream's two APIs on SQLite: a stand-in, not the service. The SQL of both shares the standard part that
 * the named queries are made of (aggregates, CASE, window functions); what is Timestream's own is put in its
 * place: `bin`, `from_iso8601_timestamp`, `DESCRIBE`, pages, and that a record is known by its dimensions and
 * time and replaced by a higher version only.
 */
export class LiveAnalyticsStandIn {
  /** Records a call. */
  readonly calls: number[] = [];
  /** Records older than this are rejected, as those outside the memory store's retention. */
  oldestTimeNs = '';
  private readonly sqlite = new DatabaseSync(':memory:');
  private readonly columns = new Set<string>();
  private readonly server = createServer(async (request, response) => {
    const target = String(request.headers['x-amz-target']);
    const [status, body] = this.answer(target, JSON.parse(await textOf(request)));
    response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' });
    response.end(JSON.stringify(body));
  });

  constructor() {
    const dimensions = DIMENSIONS.map((name) => `"${name}" TEXT`).join(', ');
    this.sqlite.exec(`ATTACH ':memory:' AS "tierwatch-dev"; CREATE TABLE ${NAME}
      (time TEXT, measure_name TEXT, version INT, ${dimensions}, PRIMARY KEY (time, ${DIMENSIONS.join(', ')}))`);
    this.sqlite.function('from_iso8601_timestamp', (text) =>
      String(text).replace('T', ' ').replace('Z', '000000'),
    );
    this.sqlite.function('bin_hour', (time) => `${String(time).slice(0, 13)}:00:00.000000000`);
  }

  /** @returns its address */
  async listen(): Promise<string> {
    await new Promise<void>((resolve) => {
      this.server.listen(0, '127.0.0.1', resolve);
    });
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.server.close();
    this.server.closeAllConnections();
    this.sqlite.close();
  }

  private answer(target: string, body: unknown): readonly [number, unknown] {
    try {
      if (target === 'Timestream_20181101.WriteRecords') return this.write(writeSchema.parse(body));
      if (target === 'Timestream_20181101.Query') return [200, this.query(querySchema.parse(body))];
      return [400, { __type: 'UnknownOperationException', Message: target }];
    } catch (error) {
      return [400, { __type: 'ValidationException', Message: String(error) }];
    }
  }

  private write({ Records }: Write): readonly [number, unknown] {
    this.calls.push(Records.length);
    const RejectedRecords = Records.flatMap((record, RecordIndex): Rejected[] => {
      const rejected = this.put(record);
      return rejected ? [{ RecordIndex, ...rejected }] : [];
    });
    if (RejectedRecords.length === 0) return [200, { RecordsIngested: { Total: Records.length } }];
    return [400, { __type: 'RejectedRecordsException', Message: 'rejected', RejectedRecords }];
  }

  /** @returns why not */
  private put({
    Version: version,
    Time,
    Dimensions,
    MeasureValues,
  }: Write['Records'][number]): Omit<Rejected, 'RecordIndex'> | null {
    if (Time < this.oldestTimeNs) return { Reason: 'outside the memory store retention window' };
    const time = `${new Date(Number(Time.slice(0, 13))).toISOString().slice(0, -1).replace('T', ' ')}${Time.slice(13)}`;
    const dimensions = Object.fromEntries(Dimensions.map(({ Name, Value }) => [Name, Value]));
    const id = [time, ...DIMENSIONS.map((name) => dimensions[name]!)];
    const where = `time = ? AND ${DIMENSIONS.map((name) => `"${name}" = ?`).join(' AND ')}`;
    const found = this.sqlite.prepare(`SELECT version FROM ${NAME} WHERE ${where}`).get(...id);
    if (found && Number(found.version) >= version) {
      return { Reason: 'a version exists', ExistingVersion: Number(found.version) };
    }
    for (const { Name, Type } of MeasureValues) this.addColumn(Name, Type);
    const names = ['time', ...DIMENSIONS, 'measure_name', 'version'];
    const measures = MeasureValues.map(({ Name }) => Name);
    const columns = [...names, ...measures].map((name) => `"${name}"`).join(', ');
    const values = MeasureValues.map(({ Value, Type }) => (Type === 'DOUBLE' ? +Value : Value));
    const marks = [...names, ...measures].map(() => '?').join(', ');
    this.sqlite
      .prepare(`INSERT OR REPLACE INTO ${NAME} (${columns}) VALUES (${marks})`)
      .run(...id, 'segment', version, ...values);
    return null;
  }

  /** Two pages a query. */
  private query({ QueryString, NextToken }: z.infer<typeof querySchema>): unknown {
    if (QueryString === describeTable(TABLE)) {
      return pageOf(
        ['Column'],
        [...this.columns].map((Column) => ({ Column })),
      );
    }
    const statement = this.sqlite.prepare(
      QueryString.replaceAll('bin(time, 1h)', 'bin_hour(time)'),
    );
    const names = statement
      .columns()
      .map(({ name }) => name)
      .filter((name) => name !== 'version');
    const rows = statement.all() as Record<string, unknown>[];
    const middle = Math.ceil(rows.length / 2);
    if (NextToken) return pageOf(names, rows.slice(middle));
    return { ...pageOf(names, rows.slice(0, middle)), NextToken: 'second' };
  }

  private addColumn(name: string, type: 'DOUBLE' | 'VARCHAR'): void {
    if (this.columns.has(name)) return;
    this.columns.add(name);
    this.sqlite.exec(
      `ALTER TABLE ${NAME} ADD COLUMN "${name}" ${type === 'DOUBLE' ? 'REAL' : 'TEXT'}`,
    );
  }
}

async function textOf(request: IncomingMessage): Promise<string> {
  return Buffer.concat(await Array.fromAsync(request as AsyncIterable<Buffer>)).toString();
}

function pageOf(names: readonly string[], rows: readonly Record<string, unknown>[]) {
  return {
    QueryId: 'query',
    ColumnInfo: names.map((Name) => ({ Name, Type: { ScalarType: 'VARCHAR' } })),
    Rows: rows.map((row) => ({
      Data: names.map((name) =>
        row[name] === null ? { NullValue: true } : { ScalarValue: String(row[name]) },
      ),
    })),
  };
}
