import type { Clock, DeadLetter, Delivery, Queue } from '../../core/ports';

interface Message {
  readonly id: string;
  readonly json: string;
  visibleMs: number;
  receiveCount: number;
  receipt: string | null;
  cause: string;
  deadAt: string | null;
}

const MAX_DELIVERIES = 5;

/** The queue's contract in memory, for tests of what stands on it. */
export class MemoryQueue<Body> implements Queue<Body> {
  private readonly messages = new Map<string, Message>();
  private readonly keys = new Set<string>();
  private sent = 0;
  private deliveries = 0;

  constructor(private readonly clock: Clock) {}

  async send(messages: Parameters<Queue<Body>['send']>[0]): Promise<number> {
    let count = 0;
    for (const { body, deduplicationKey, delaySeconds = 0 } of messages) {
      if (deduplicationKey !== undefined) {
        if (this.keys.has(deduplicationKey)) continue;
        this.keys.add(deduplicationKey);
      }
      const id = String(++this.sent);
      this.messages.set(id, {
        id,
        json: JSON.stringify(body),
        visibleMs: this.nowMs() + delaySeconds * 1000,
        receiveCount: 0,
        receipt: null,
        cause: '',
        deadAt: null,
      });
      count++;
    }
    return count;
  }

  async receive({
    max,
    visibilitySeconds,
  }: Parameters<Queue<Body>['receive']>[0]): Promise<readonly Delivery<Body>[]> {
    const due = this.alive()
      .filter(({ visibleMs }) => visibleMs <= this.nowMs())
      .filter((message) => !this.buryExhausted(message))
      .sort((a, b) => a.visibleMs - b.visibleMs)
      .slice(0, max);
    return due.map((message) => {
      message.receipt = `receipt-${++this.deliveries}`;
      message.receiveCount++;
      message.visibleMs = this.nowMs() + visibilitySeconds * 1000;
      return {
        id: message.id,
        receiptHandle: message.receipt,
        receiveCount: message.receiveCount,
        body: JSON.parse(message.json) as Body,
      };
    });
  }

  async acknowledge(receiptHandles: readonly string[]): Promise<void> {
    for (const message of this.alive()) {
      if (message.receipt !== null && receiptHandles.includes(message.receipt)) {
        this.messages.delete(message.id);
      }
    }
  }

  async release(
    receiptHandle: string,
    { afterSeconds, cause }: Parameters<Queue<Body>['release']>[1],
  ): Promise<void> {
    const message = this.alive().find(({ receipt }) => receipt === receiptHandle);
    if (!message) return;
    message.cause = cause;
    message.receipt = null;
    message.visibleMs = this.nowMs() + afterSeconds * 1000;
    if (message.receiveCount >= MAX_DELIVERIES) this.bury(message);
  }

  async counts(): Promise<{ waiting: number; inFlight: number; dead: number }> {
    const alive = this.alive();
    const inFlight = alive.filter(
      ({ receipt, visibleMs }) => receipt !== null && visibleMs > this.nowMs(),
    ).length;
    return {
      waiting: alive.length - inFlight,
      inFlight,
      dead: this.messages.size - alive.length,
    };
  }

  async oldestSeconds(): Promise<number | null> {
    const due = this.alive().map(({ visibleMs }) => (this.nowMs() - visibleMs) / 1000);
    return due.some((seconds) => seconds >= 0) ? Math.max(...due) : null;
  }

  async deadLetters(): Promise<readonly DeadLetter<Body>[]> {
    return [...this.messages.values()].flatMap(({ id, json, cause, deadAt }) =>
      deadAt === null ? [] : [{ id, body: JSON.parse(json) as Body, cause, deadAt }],
    );
  }

  async redrive(ids?: readonly string[]): Promise<number> {
    const dead = [...this.messages.values()].filter(
      ({ id, deadAt }) => deadAt !== null && (ids === undefined || ids.includes(id)),
    );
    for (const message of dead) {
      Object.assign(message, {
        deadAt: null,
        receiveCount: 0,
        receipt: null,
        cause: '',
        visibleMs: this.nowMs(),
      });
    }
    return dead.length;
  }

  private alive(): Message[] {
    return [...this.messages.values()].filter(({ deadAt }) => deadAt === null);
  }

  private buryExhausted(message: Message): boolean {
    if (message.receiveCount < MAX_DELIVERIES) return false;
    message.cause ||= 'no answer within the visibility timeout';
    this.bury(message);
    return true;
  }

  private bury(message: Message): void {
    message.deadAt = this.clock.now().toISOString();
    message.receipt = null;
  }

  private nowMs(): number {
    return this.clock.now().getTime();
  }
}
