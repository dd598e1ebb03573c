import * as z from 'zod';

/** Shared by every function of an environment: what is thought of the gpu lane's endpoint. */
export const breakerStateSchema = z.strictObject({
  phase: z.enum(['closed', 'open', 'recovering']),
  /** Failures without a success between them. */
  failures: z.number().int().min(0),
  /** Successes since recovery began, or since the share grew last. */
  successes: z.number().int().min(0),
  /** Share of segments that the endpoint is asked to take while it recovers (0-1). */
  share: z.number().min(0).max(1),
  /** When the phase began, ms since the epoch. */
  sinceMs: z.number().int().min(0),
  /** How long it stays open this time (ms). */
  openMs: z.number().int().min(0),
});
export type BreakerState = z.infer<typeof breakerStateSchema>;

/** Failures in a row that open it. */
const OPENS_AFTER = 3;
const FIRST_OPEN_MS = 15_000;
const LONGEST_OPEN_MS = 300_000;
/** A first probe, then this share of the traffic, doubled after so many successes. */
const FIRST_SHARE = 0.1;
const SUCCESSES_A_STEP = 3;

export const CLOSED: BreakerState = {
  phase: 'closed',
  failures: 0,
  successes: 0,
  share: 1,
  sinceMs: 0,
  openMs: FIRST_OPEN_MS,
};

/**
 * Whether a segment is to be sent to the endpoint.
 * @param chance drawn for this segment, 0 ≤ chance < 1
 */
export function allows(state: BreakerState, nowMs: number, chance: number): boolean {
  if (state.phase === 'closed') return true;
  if (state.phase === 'recovering') return chance < state.share;
  return nowMs >= state.sinceMs + state.openMs;
}

/** What is thought after a call. While recovering one failure opens it again, for twice as long. */
export function noted(state: BreakerState, isSuccess: boolean, nowMs: number): BreakerState {
  if (isSuccess) return succeeded(state, nowMs);
  const failures = state.failures + 1;
  if (state.phase === 'closed' && failures < OPENS_AFTER) return { ...state, failures };
  // A call that began before it opened says nothing new.
  if (state.phase === 'open' && nowMs < state.sinceMs + state.openMs) return state;
  const openMs =
    state.phase === 'closed' ? FIRST_OPEN_MS : Math.min(LONGEST_OPEN_MS, state.openMs * 2);
  return { phase: 'open', failures, successes: 0, share: 0, sinceMs: nowMs, openMs };
}

function succeeded(state: BreakerState, nowMs: number): BreakerState {
  if (state.phase === 'closed') return state.failures === 0 ? state : { ...state, failures: 0 };
  if (state.phase === 'open') {
    return {
      ...state,
      phase: 'recovering',
      failures: 0,
      successes: 1,
      share: FIRST_SHARE,
      sinceMs: nowMs,
    };
  }
  const successes = state.successes + 1;
  if (successes < SUCCESSES_A_STEP) return { ...state, successes };
  const share = Math.min(1, state.share * 2);
  return share === 1 ? { ...CLOSED, sinceMs: nowMs } : { ...state, successes: 0, share };
}

/** Where the state lies that all functions share. */
export interface BreakerStore {
  /** Null: nothing was ever written. */
  read(): Promise<{ readonly state: BreakerState; readonly version: number } | null>;
  /** @returns false where another function was faster: its version stands */
  write(state: BreakerState, version: number): Promise<boolean>;
}

export interface BreakerOptions {
  readonly store: BreakerStore;
  readonly nowMs: () => number;
  /** 0 ≤ x < 1 */
  readonly chance: () => number;
  /** A state that was read is believed for so long (ms). @default 5000 */
  readonly freshMs?: number;
}

const TRIES = 3;

/** One breaker an environment: a function reads the shared state now and then, and writes when it changes. */
export class CircuitBreaker {
  private held: { state: BreakerState; version: number; readMs: number } | null = null;

  constructor(private readonly options: BreakerOptions) {}

  /** Whether this segment is to be sent to the endpoint. */
  async allows(): Promise<boolean> {
    const { nowMs, chance } = this.options;
    return allows((await this.state()).state, nowMs(), chance());
  }

  async note(isSuccess: boolean): Promise<void> {
    for (let attempt = 0; attempt < TRIES; attempt++) {
      const { state, version } = await this.state();
      const next = noted(state, isSuccess, this.options.nowMs());
      if (next === state) return;
      const isWritten = await this.options.store.write(next, version + 1);
      this.held = null;
      if (isWritten) return;
    }
  }

  private async state(): Promise<{ state: BreakerState; version: number }> {
    const { store, nowMs, freshMs = 5000 } = this.options;
    if (this.held && nowMs() - this.held.readMs < freshMs) return this.held;
    const { state = CLOSED, version = 0 } = (await store.read()) ?? {};
    this.held = { state, version, readMs: nowMs() };
    return this.held;
  }
}

/** The state of a breaker that one process alone asks: it starts closed. */
export class HeldBreaker implements BreakerStore {
  private held: { readonly state: BreakerState; readonly version: number } | null = null;

  async read(): Promise<{ readonly state: BreakerState; readonly version: number } | null> {
    return this.held;
  }

  async write(state: BreakerState, version: number): Promise<boolean> {
    if (version !== (this.held?.version ?? 0) + 1) return false;
    this.held = { state, version };
    return true;
  }
}
