import { randomUUID } from 'node:crypto';
import type { Clock, DeadLetter, Delivery, Queue } from '../../core/ports';
import type { Database } from './database';

const MAX_RECEIVES = 5;

/** SQS's semantics on SQLite: at least once, visibility timeout, dead letter after five deliveries. */
export class SqliteQueue<Body> implements Queue<Body> {
  constructor(
    private readonly database: Database,
    private readonly name: string,
    private readonly clock: Clock,
  ) {}

  async send(messages: Parameters<Queue<Body>['send']>[0]): Promise<number> {
    const nowMs = this.clock.now().getTime();
    return this.database.transaction(() =>
      messages.reduce(
        (sent, { body, deduplicationKey, delaySeconds }) =>
          sent +
          this.database.run(
            'INSERT INTO messages (queue, body, deduplication_key, visible_ms) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING',
            this.name,
            JSON.stringify(body),
            deduplicationKey ?? null,
            nowMs + (delaySeconds ?? 0) * 1000,
          ),
        0,
      ),
    );
  }

  async receive({
    max,
    visibilitySeconds,
  }: {
    max: number;
    visibilitySeconds: number;
  }): Promise<readonly Delivery<Body>[]> {
    const nowMs = this.clock.now().getTime();
    return this.database.transaction(() => {
      this.buryExhausted(nowMs);
      const rows = this.database.all(
        'SELECT id, body, receive_count FROM messages WHERE queue = ? AND dead_at IS NULL AND visible_ms <= ? ORDER BY visible_ms, id LIMIT ?',
        this.name,
        nowMs,
        max,
      );
      return rows.map((row): Delivery<Body> => {
        const receipt = randomUUID();
        this.database.run(
          'UPDATE messages SET receipt = ?, receive_count = receive_count + 1, visible_ms = ? WHERE id = ?',
          receipt,
          nowMs + visibilitySeconds * 1000,
          Number(row.id),
        );
        return {
          id: String(row.id),
          receiptHandle: receipt,
          receiveCount: Number(row.receive_count) + 1,
          body: JSON.parse(String(row.body)) as Body,
        };
      });
    });
  }

  async acknowledge(receiptHandles: readonly string[]): Promise<void> {
    this.database.transaction(() => {
      for (const receipt of receiptHandles) {
        this.database.run(
          'DELETE FROM messages WHERE queue = ? AND receipt = ?',
          this.name,
          receipt,
        );
      }
    });
  }

  async release(
    receiptHandle: string,
    { afterSeconds, cause }: { afterSeconds: number; cause: string },
  ): Promise<void> {
    this.database.run(
      'UPDATE messages SET visible_ms = ?, cause = ?, receipt = NULL WHERE queue = ? AND receipt = ?',
      this.clock.now().getTime() + afterSeconds * 1000,
      cause,
      this.name,
      receiptHandle,
    );
  }

  async counts(): Promise<{ waiting: number; inFlight: number; dead: number }> {
    const nowMs = this.clock.now().getTime();
    const row = this.database.get(
      `SELECT COUNT(*) FILTER (WHERE dead_at IS NOT NULL) AS dead,
         COUNT(*) FILTER (WHERE dead_at IS NULL AND receipt IS NOT NULL AND visible_ms > ?) AS in_flight,
         COUNT(*) FILTER (WHERE dead_at IS NULL AND (receipt IS NULL OR visible_ms <= ?)) AS waiting
       FROM messages WHERE queue = ?`,
      nowMs,
      nowMs,
      this.name,
    )!;
    return {
      waiting: Number(row.waiting),
      inFlight: Number(row.in_flight),
      dead: Number(row.dead),
    };
  }

  /** Bodies that are not dead, in flight or not, by age. */
  async waiting(): Promise<readonly Body[]> {
    const sql = 'SELECT body FROM messages WHERE queue = ? AND dead_at IS NULL ORDER BY id';
    return this.database.all(sql, this.name).map((row) => JSON.parse(String(row.body)) as Body);
  }

  async deadLetters(): Promise<readonly DeadLetter<Body>[]> {
    return this.database
      .all(
        'SELECT id, body, cause, dead_at FROM messages WHERE queue = ? AND dead_at IS NOT NULL ORDER BY id',
        this.name,
      )
      .map((row) => ({
        id: String(row.id),
        body: JSON.parse(String(row.body)) as Body,
        cause: String(row.cause),
        deadAt: String(row.dead_at),
      }));
  }

  async redrive(ids?: readonly string[]): Promise<number> {
    const revive = `UPDATE messages SET dead_at = NULL, receive_count = 0, receipt = NULL, visible_ms = ? WHERE queue = ? AND dead_at IS NOT NULL`;
    const nowMs = this.clock.now().getTime();
    return this.database.transaction(() =>
      ids === undefined
        ? this.database.run(revive, nowMs, this.name)
        : ids.reduce(
            (sum, id) =>
              sum + this.database.run(`${revive} AND id = ?`, nowMs, this.name, Number(id)),
            0,
          ),
    );
  }

  /** Puts every delivery of a process that died back at once: this process is the only consumer. */
  recover(): void {
    this.database.run(
      'UPDATE messages SET visible_ms = 0 WHERE queue = ? AND receipt IS NOT NULL AND dead_at IS NULL',
      this.name,
    );
  }

  /** A message that was delivered five times and is due again is dead. */
  private buryExhausted(nowMs: number): void {
    this.database.run(
      'UPDATE messages SET dead_at = ? WHERE queue = ? AND dead_at IS NULL AND receive_count >= ? AND visible_ms <= ?',
      new Date(nowMs).toISOString(),
      this.name,
      MAX_RECEIVES,
      nowMs,
    );
  }
}
