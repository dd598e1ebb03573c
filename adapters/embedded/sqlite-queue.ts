import { MAX_DELIVERIES } from '../../core/limits';
import type { Clock, DeadLetter, Delivery, Queue } from '../../core/ports';
import type { Database } from './database';

/**
 * A message in hand when the process died is not to blame for it, so that does not use up a delivery; one
 * that was in hand this often is. Children take the crashes of native code, so nothing ordinary comes near.
 */
const MAX_INTERRUPTIONS = 50;
const UNANSWERED = 'no answer within the visibility timeout';

/** SQS's semantics on SQLite: at least once, visibility timeout, dead letter after five deliveries. */
export class SqliteQueue<Body> implements Queue<Body> {
  constructor(
    private readonly database: Database,
    private readonly name: string,
    private readonly clock: Clock,
  ) {}

  async send(messages: Parameters<Queue<Body>['send']>[0]): Promise<number> {
    const nowMs = this.nowMs();
    return this.database.transaction(() => {
      const fresh = messages.filter(
        ({ deduplicationKey: key }) => key === undefined || this.isFirst(key),
      );
      for (const { body, delaySeconds = 0 } of fresh) {
        this.database.run(
          'INSERT INTO messages (queue, body, visible_ms) VALUES (?, ?, ?)',
          this.name,
          JSON.stringify(body),
          Math.round(nowMs + delaySeconds * 1000),
        );
      }
      return fresh.length;
    });
  }

  async receive({
    max,
    visibilitySeconds,
  }: Parameters<Queue<Body>['receive']>[0]): Promise<readonly Delivery<Body>[]> {
    const nowMs = this.nowMs();
    const rows = this.database.transaction(() => {
      this.buryExhausted(nowMs);
      return this.database.all(
        `UPDATE messages SET taken = 1, receive_count = receive_count + 1, delivery = delivery + 1, visible_ms = ?
         WHERE id IN (SELECT id FROM messages WHERE queue = ? AND dead_ms IS NULL AND visible_ms <= ?
                      ORDER BY visible_ms, id LIMIT ?)
         RETURNING id, body, receive_count, delivery`,
        Math.round(nowMs + visibilitySeconds * 1000),
        this.name,
        nowMs,
        max,
      );
    });
    return rows.map((row) => ({
      id: String(row.id),
      receiptHandle: `${row.id}.${row.delivery}`,
      receiveCount: Number(row.receive_count),
      body: JSON.parse(String(row.body)) as Body,
    }));
  }

  /** A handle of an earlier delivery than the last acknowledges nothing. */
  async acknowledge(receiptHandles: readonly string[]): Promise<void> {
    this.database.transaction(() => {
      for (const handle of receiptHandles) {
        this.database.run(
          'DELETE FROM messages WHERE queue = ? AND id = ? AND delivery = ? AND dead_ms IS NULL',
          this.name,
          ...parseHandle(handle),
        );
      }
    });
  }

  async release(
    receiptHandle: string,
    { afterSeconds, cause }: Parameters<Queue<Body>['release']>[1],
  ): Promise<void> {
    const nowMs = this.nowMs();
    this.database.run(
      `UPDATE messages SET taken = 0, visible_ms = ?, cause = ?,
         dead_ms = CASE WHEN receive_count >= ${MAX_DELIVERIES} THEN ? END
       WHERE queue = ? AND id = ? AND delivery = ? AND taken = 1 AND dead_ms IS NULL`,
      Math.round(nowMs + afterSeconds * 1000),
      cause,
      nowMs,
      this.name,
      ...parseHandle(receiptHandle),
    );
  }

  async counts(): Promise<{ waiting: number; inFlight: number; dead: number }> {
    const count = (where: string, ...values: number[]): number => {
      const sql = `SELECT COUNT(*) AS count FROM messages WHERE queue = ? AND ${where}`;
      return Number(this.database.get(sql, this.name, ...values)!.count);
    };
    const alive = count('dead_ms IS NULL');
    const inFlight = count('taken = 1 AND dead_ms IS NULL AND visible_ms > ?', this.nowMs());
    return { waiting: alive - inFlight, inFlight, dead: count('dead_ms IS NOT NULL') };
  }

  /** How long the oldest message that nobody has in hand has been due; null: none is. */
  async oldestSeconds(): Promise<number | null> {
    const nowMs = this.nowMs();
    const sql = `SELECT MIN(visible_ms) AS since FROM messages
      WHERE queue = ? AND dead_ms IS NULL AND visible_ms <= ?`;
    const since = this.database.get(sql, this.name, nowMs)?.since;
    return typeof since === 'number' ? (nowMs - since) / 1000 : null;
  }

  /** Bodies that are not dead, in flight or not, by age. */
  async waiting(): Promise<readonly Body[]> {
    const sql = 'SELECT body FROM messages WHERE queue = ? AND dead_ms IS NULL ORDER BY id';
    return this.database.all(sql, this.name).map((row) => JSON.parse(String(row.body)) as Body);
  }

  async deadLetters(): Promise<readonly DeadLetter<Body>[]> {
    const sql =
      'SELECT id, body, cause, dead_ms FROM messages WHERE queue = ? AND dead_ms IS NOT NULL ORDER BY dead_ms, id';
    return this.database.all(sql, this.name).map((row) => ({
      id: String(row.id),
      body: JSON.parse(String(row.body)) as Body,
      cause: String(row.cause),
      deadAt: new Date(Number(row.dead_ms)).toISOString(),
    }));
  }

  async redrive(ids?: readonly string[]): Promise<number> {
    const revive = `UPDATE messages SET dead_ms = NULL, receive_count = 0, interruptions = 0, taken = 0, cause = '', visible_ms = ?
       WHERE queue = ? AND dead_ms IS NOT NULL`;
    const nowMs = this.nowMs();
    return this.database.transaction(() => {
      if (ids === undefined) return this.database.run(revive, nowMs, this.name);
      const one = `${revive} AND id = ?`;
      return ids
        .filter((id) => /^\d{1,15}$/.test(id))
        .reduce((sum, id) => sum + this.database.run(one, nowMs, this.name, Number(id)), 0);
    });
  }

  /**
   * Puts back what a process that died had in hand, behind what is due, without using up a delivery. Only
   * for the owner of the data folder, before its first `receive`: nobody else can have it in hand.
   * @returns how many
   */
  recover(): number {
    const nowMs = this.nowMs();
    return this.database.run(
      `UPDATE messages SET taken = 0, visible_ms = ?, interruptions = interruptions + 1,
         receive_count = receive_count - 1,
         dead_ms = CASE WHEN interruptions + 1 >= ${MAX_INTERRUPTIONS} THEN ? END,
         cause = CASE WHEN interruptions + 1 >= ${MAX_INTERRUPTIONS}
           THEN 'the process ended ${MAX_INTERRUPTIONS} times with it in hand' ELSE cause END
       WHERE queue = ? AND taken = 1 AND dead_ms IS NULL`,
      nowMs,
      nowMs,
      this.name,
    );
  }

  /** A fifth delivery that was neither acknowledged nor released in time. */
  private buryExhausted(nowMs: number): void {
    this.database.run(
      `UPDATE messages SET dead_ms = ?, taken = 0, cause = CASE WHEN cause = '' THEN '${UNANSWERED}' ELSE cause END
       WHERE queue = ? AND taken = 1 AND dead_ms IS NULL AND visible_ms <= ? AND receive_count >= ${MAX_DELIVERIES}`,
      nowMs,
      this.name,
      nowMs,
    );
  }

  /** Keys are kept when their message is gone: a second look at a folder must not enqueue it again. */
  private isFirst(key: string): boolean {
    const sql = 'INSERT INTO deduplication VALUES (?, ?) ON CONFLICT DO NOTHING';
    return this.database.run(sql, this.name, key) > 0;
  }

  private nowMs(): number {
    return this.clock.now().getTime();
  }
}

/** `<id>.<delivery>`; another form names no delivery. */
function parseHandle(handle: string): [id: number, delivery: number] {
  const [, id, delivery] = /^(\d{1,15})\.(\d{1,9})$/.exec(handle) ?? [];
  return [Number(id ?? -1), Number(delivery ?? -1)];
}
