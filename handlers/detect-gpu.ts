import type { CircuitBreaker } from '../core/circuit-breaker';
import type { Analyser, Queue, SegmentMessage } from '../core/ports';
import { EndpointUnavailableError, isEndpointIll } from '../core/spill';
import type { SqsHandler } from './batch';
import { createDetectCpu, type DetectCpuDeps } from './detect-cpu';

export interface DetectGpuDeps extends Omit<DetectCpuDeps, 'spill'> {
  /** At the endpoint. */
  readonly analyser: Analyser;
  readonly breaker: Pick<CircuitBreaker, 'allows' | 'note'>;
  /** Where segments go that the endpoint can't take. */
  readonly cpuLane: Pick<Queue<SegmentMessage>, 'send'>;
}

/**
 * The gpu lane's messages → analysed segments, by the endpoint. What it can't take goes to the cpu lane as it
 * is, marked with the reason: same settings, hence the same analysis, written once whoever is faster.
 */
export function createDetectGpu(deps: DetectGpuDeps): SqsHandler {
  return createDetectCpu({
    ...deps,
    // Lambda is paid while it waits: the whole batch waits for its answers at once.
    isTogether: true,
    analyser: guarded(deps),
    spill: async (message, error) => {
      if (!(error instanceof EndpointUnavailableError)) return false;
      const { reason } = error;
      const spilled: SegmentMessage = { ...message, lane: 'cpu', spilledFor: reason };
      await deps.cpuLane.send([{ body: spilled }]);
      deps.telemetry.count('spilled', 1, { tier: message.tier, lane: 'gpu' });
      deps.telemetry.log('warn', 'spilled to the cpu lane', {
        segmentKey: message.segmentKey,
        range: message.range,
        reason,
        cause: error.message,
      });
      return true;
    },
  });
}

/**
 * Leaves an endpoint alone that failed lately, and learns from every call. Where the breaker's state can't be
 * read or written the endpoint is asked: an answer is kept, a failure spills.
 */
function guarded({ analyser, breaker, telemetry }: DetectGpuDeps): Analyser {
  const orElse = async <T>(asked: Promise<T>, otherwise: T): Promise<T> => {
    try {
      return await asked;
    } catch (error) {
      const cause = error instanceof Error ? error.message : String(error);
      telemetry.log('warn', 'the breaker’s state is out of reach', { cause });
      return otherwise;
    }
  };
  return {
    async analyse(message, floor) {
      if (!(await orElse(breaker.allows(), true))) {
        throw new EndpointUnavailableError('breaker-open', 'it is asked again by and by');
      }
      try {
        const analysed = await analyser.analyse(message, floor);
        await orElse(breaker.note(true), undefined);
        return analysed;
      } catch (error) {
        const isIll = error instanceof EndpointUnavailableError && isEndpointIll(error.reason);
        if (isIll) await orElse(breaker.note(false), undefined);
        throw error;
      }
    },
  };
}
