import {
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  type QueryCommandInput,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import { TABLE_KEYS } from '../../core/table-keys';
import { isNamed } from './errors';

export type TableRow = Readonly<Record<string, unknown>>;
type Key = { readonly pk: string; readonly sk: string };

/** The calls that the stores make of DynamoDB, on one table. */
export class DynamoTable {
  constructor(
    private readonly dynamo: DynamoDBDocumentClient,
    readonly name: string,
  ) {}

  /** Strongly consistent. */
  async get(key: Key): Promise<TableRow | null> {
    const command = new GetCommand({ TableName: this.name, Key: key, ConsistentRead: true });
    return (await this.dynamo.send(command)).Item ?? null;
  }

  async put(row: Key & TableRow): Promise<void> {
    await this.dynamo.send(new PutCommand({ TableName: this.name, Item: row }));
  }

  /** @returns false where the key exists: nothing is overwritten */
  async putOnce(row: Key & TableRow): Promise<boolean> {
    return this.isDone(
      new PutCommand({
        TableName: this.name,
        Item: row,
        ConditionExpression: 'attribute_not_exists(pk)',
      }),
    );
  }

  /**
   * Sets attributes of a row.
   * @param change `set`: values by attribute; `remove`: attributes; `condition`: as DynamoDB writes it, its names `#name`
   * @returns false where the condition did not hold
   */
  async update(
    key: Key,
    change: {
      readonly set?: TableRow;
      readonly remove?: readonly string[];
      readonly condition?: string;
      readonly values?: TableRow;
    },
  ): Promise<boolean> {
    const { set = {}, remove = [], condition, values = {} } = change;
    const names = [...Object.keys(set), ...remove];
    const assignments = Object.keys(set).map((name) => `#${name} = :${name}`);
    const removals = remove.map((name) => `#${name}`);
    const all = {
      ...Object.fromEntries(Object.entries(set).map(([name, value]) => [`:${name}`, value])),
      ...Object.fromEntries(Object.entries(values).map(([name, value]) => [`:${name}`, value])),
    };
    const conditionNames = (condition?.match(/#\w+/g) ?? []).map((name) => name.slice(1));
    return this.isDone(
      new UpdateCommand({
        TableName: this.name,
        Key: key,
        UpdateExpression: [
          assignments.length > 0 ? `SET ${assignments.join(', ')}` : '',
          removals.length > 0 ? `REMOVE ${removals.join(', ')}` : '',
        ].join(' '),
        ...(condition ? { ConditionExpression: condition } : {}),
        ExpressionAttributeNames: Object.fromEntries(
          [...new Set([...names, ...conditionNames])].map((name) => [`#${name}`, name]),
        ),
        ...(Object.keys(all).length > 0 ? { ExpressionAttributeValues: all } : {}),
      }),
    );
  }

  /** Rows of a partition by sort key, page by page. Strongly consistent on the table itself. */
  async *query(partition: string, options: QueryOptions = {}): AsyncGenerator<TableRow> {
    const { index, from, to, beginsWith, isDescending = false, pageRows } = options;
    const names = index ? TABLE_KEYS[index] : { partition: 'pk', sort: 'sk', index: undefined };
    const range = beginsWith !== undefined ? 'begins_with(#sort, :from)' : rangeOf(from, to);
    const input: QueryCommandInput = {
      TableName: this.name,
      ...(names.index ? { IndexName: names.index } : { ConsistentRead: true }),
      KeyConditionExpression: ['#partition = :partition', range].filter(Boolean).join(' AND '),
      ExpressionAttributeNames: {
        '#partition': names.partition,
        ...(range ? { '#sort': names.sort } : {}),
      },
      ExpressionAttributeValues: {
        ':partition': partition,
        ...(beginsWith !== undefined ? { ':from': beginsWith } : {}),
        ...(from !== undefined ? { ':from': from } : {}),
        ...(to !== undefined ? { ':to': to } : {}),
      },
      ScanIndexForward: !isDescending,
      ...(pageRows === undefined ? {} : { Limit: pageRows }),
    };
    let start: Record<string, unknown> | undefined;
    do {
      const page = await this.dynamo.send(
        new QueryCommand({ ...input, ...(start ? { ExclusiveStartKey: start } : {}) }),
      );
      yield* page.Items ?? [];
      start = page.LastEvaluatedKey;
    } while (start);
  }

  private async isDone(command: PutCommand | UpdateCommand): Promise<boolean> {
    try {
      await this.dynamo.send(command as PutCommand);
      return true;
    } catch (error) {
      if (isNamed(error, 'ConditionalCheckFailedException')) return false;
      throw error;
    }
  }
}

export interface QueryOptions {
  readonly index?: 'byTime' | 'byStatus';
  /** Sort keys from here on, inclusive. */
  readonly from?: string;
  /** Sort keys up to here, inclusive. */
  readonly to?: string;
  readonly beginsWith?: string;
  readonly isDescending?: boolean;
  /** Rows of a page at most. @default as many as fit into 1 MB */
  readonly pageRows?: number;
}

function rangeOf(from: string | undefined, to: string | undefined): string {
  if (from !== undefined && to !== undefined) return '#sort BETWEEN :from AND :to';
  if (from !== undefined) return '#sort >= :from';
  return to !== undefined ? '#sort <= :to' : '';
}
