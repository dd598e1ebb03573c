import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  allows,
  type BreakerState,
  CircuitBreaker,
  CLOSED,
  HeldBreaker,
  noted,
} from '../../core/circuit-breaker';

const fail = (state: BreakerState, atMs: number): BreakerState => noted(state, false, atMs);
const succeed = (state: BreakerState, atMs: number): BreakerState => noted(state, true, atMs);

describe('the breaker', () => {
  it('opens at the third failure in a row, not at failures apart', () => {
    const apart = succeed(fail(fail(CLOSED, 0), 1), 2);
    expect(apart.phase).toBe('closed');
    const open = fail(fail(fail(CLOSED, 0), 1), 2);
    expect(open).toMatchObject({ phase: 'open', sinceMs: 2 });
    expect(allows(open, 3, 0)).toBe(false);
    expect(allows(open, 2 + open.openMs, 0.99)).toBe(true);
  });

  it('lets traffic return by and by: a probe, a tenth, a fifth, and all of it', () => {
    const open = fail(fail(fail(CLOSED, 0), 0), 0);
    const shares: number[] = [];
    let state = open;
    for (let call = 0; call < 14 && state.phase !== 'closed'; call++) {
      state = succeed(state, open.openMs + call);
      shares.push(state.share);
    }
    expect(shares).toEqual([0.1, 0.1, 0.2, 0.2, 0.2, 0.4, 0.4, 0.4, 0.8, 0.8, 0.8, 1]);
    expect([allows({ ...state, phase: 'recovering', share: 0.2 }, 0, 0.19), state.phase]).toEqual([
      true,
      'closed',
    ]);
  });

  it('waits twice as long after each failed recovery, five minutes at most', () => {
    let state = fail(fail(fail(CLOSED, 0), 0), 0);
    const waits = [state.openMs];
    let nowMs = 0;
    for (let round = 0; round < 6; round++) {
      nowMs += state.openMs;
      state = fail(state, nowMs);
      waits.push(state.openMs);
    }
    expect(waits).toEqual([15, 30, 60, 120, 240, 300, 300].map((seconds) => seconds * 1000));
  });

  it('stays a state of its own shape, and always lets some call through in the end', () => {
    const call = fc.record({
      isSuccess: fc.boolean(),
      waitMs: fc.integer({ min: 0, max: 400_000 }),
    });
    fc.assert(
      fc.property(fc.array(call, { maxLength: 60 }), (calls) => {
        let state = CLOSED;
        let nowMs = 0;
        for (const { isSuccess, waitMs } of calls) {
          nowMs += waitMs;
          if (allows(state, nowMs, 0)) state = noted(state, isSuccess, nowMs);
          expect(state.share).toBeGreaterThanOrEqual(0);
          expect(state.share).toBeLessThanOrEqual(1);
          expect(allows(state, nowMs + 300_000, 0)).toBe(true);
        }
      }),
    );
  });
});

describe('the breaker of an environment', () => {
  it('is shared: what one function learns, the others heed once they look again', async () => {
    const store = new HeldBreaker();
    let nowMs = 0;
    const make = () => new CircuitBreaker({ store, nowMs: () => nowMs, chance: () => 0.5 });
    const [first, second] = [make(), make()];
    expect(await second.allows()).toBe(true);
    for (let call = 0; call < 3; call++) await first.note(false);
    expect([await first.allows(), await second.allows()]).toEqual([false, true]);
    nowMs = 6000;
    expect(await second.allows()).toBe(false);
    nowMs = 20_000;
    expect(await second.allows()).toBe(true);
    await second.note(true);
    // Recovering: a tenth of the segments, and this one's chance was drawn above it.
    expect(await second.allows()).toBe(false);
  });

  it('sends an endpoint that is back one of ten segments, then ever more of them, and all at last', async () => {
    let nowMs = 0;
    let drawn = 0;
    // Each ten draws are 0, 0.3, … 0.7: evenly spread.
    const chance = () => ((drawn++ * 3) % 10) / 10;
    const breaker = new CircuitBreaker({
      store: new HeldBreaker(),
      nowMs: () => nowMs,
      chance,
      freshMs: 0,
    });
    /** Segments of the next ten that are sent; all of them are answered. */
    const sentOfTen = async (): Promise<number> => {
      let sent = 0;
      for (let segment = 0; segment < 10; segment++) {
        nowMs += 1000;
        if (!(await breaker.allows())) continue;
        sent++;
        await breaker.note(true);
      }
      return sent;
    };
    for (let call = 0; call < 3; call++) await breaker.note(false);
    const sent: number[] = [];
    for (let ten = 0; ten < 8; ten++) sent.push(await sentOfTen());
    // Left alone for 15 s, a probe, a tenth, a fifth, two and four fifths, all.
    expect(sent).toEqual([0, 1, 1, 2, 2, 7, 10, 10]);
  });

  it('loses no failure to another function that writes at the same time', async () => {
    const store = new HeldBreaker();
    const make = () => new CircuitBreaker({ store, nowMs: () => 0, chance: () => 0, freshMs: 0 });
    const all = Array.from({ length: 3 }, make);
    await Promise.all(all.map((one) => one.note(false)));
    expect((await store.read())!.state.phase).toBe('open');
  });
});
