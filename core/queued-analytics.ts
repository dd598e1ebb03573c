import type { AnalyticsRow, AnalyticsStore, Queue } from './ports';

/** Hands rows to the analytics function by its queue: a time series that is slow or down holds up no segment. */
export function queuedAnalytics(
  queue: Pick<Queue<readonly AnalyticsRow[]>, 'send'>,
): Pick<AnalyticsStore, 'write'> {
  return {
    write: async (rows) => {
      await queue.send([{ body: rows }]);
    },
  };
}
