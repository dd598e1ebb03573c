import type { Clock } from '../../core/ports';

/** A clock that stands still until it is told to go on. */
export class ManualClock implements Clock {
  constructor(private nowMs = Date.parse('2026-11-20T08:00:00.000Z')) {}

  now(): Date {
    return new Date(this.nowMs);
  }

  advance(seconds: number): void {
    this.nowMs += seconds * 1000;
  }
}
