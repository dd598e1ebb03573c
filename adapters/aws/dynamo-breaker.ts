import {
  type BreakerState,
  type BreakerStore,
  breakerStateSchema,
} from '../../core/circuit-breaker';
import type { DynamoTable } from './dynamo-table';

const KEY = { pk: 'breaker', sk: 'gpu' } as const;

/** The breaker's state in a row of the table: the last version stands. */
export class DynamoBreaker implements BreakerStore {
  constructor(private readonly table: DynamoTable) {}

  async read(): Promise<{ state: BreakerState; version: number } | null> {
    const row = await this.table.get(KEY);
    const parsed = breakerStateSchema.safeParse(row?.state);
    return parsed.success ? { state: parsed.data, version: Number(row!.version) } : null;
  }

  write(state: BreakerState, version: number): Promise<boolean> {
    return this.table.update(KEY, {
      set: { state, version },
      condition: 'attribute_not_exists(#version) OR #version = :before',
      values: { before: version - 1 },
    });
  }
}
