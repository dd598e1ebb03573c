import type { BreakerState, BreakerStore } from '../../core/circuit-breaker';

export class MemoryBreaker implements BreakerStore {
  private held: { readonly state: BreakerState; readonly version: number } | null = null;

  async read() {
    return this.held;
  }

  async write(state: BreakerState, version: number): Promise<boolean> {
    if (version !== (this.held?.version ?? 0) + 1) return false;
    this.held = { state, version };
    return true;
  }
}
