import { isOutdated } from '../../core/analytics-row';
import type { AnalyticsRow, AnalyticsStore } from '../../core/ports';

export class MemoryAnalytics implements AnalyticsStore {
  private readonly stored = new Map<string, AnalyticsRow>();
  /** Every row as it was handed over, in order. */
  readonly written: AnalyticsRow[] = [];

  async write(rows: readonly AnalyticsRow[]): Promise<void> {
    this.written.push(...rows);
    for (const { hasEarlier: _, ...row } of rows) {
      const id = `${row.segmentKey}\n${row.range}`;
      if (!isOutdated(row, this.stored.get(id) ?? {})) this.stored.set(id, row);
    }
  }

  async *rows({
    camera,
    from = '',
    to = '9999',
  }: Parameters<AnalyticsStore['rows']>[0]): AsyncIterable<AnalyticsRow> {
    yield* [...this.stored.values()]
      .filter((row) => camera === undefined || row.camera === camera)
      .filter(({ at }) => at >= from && at < to)
      .sort((a, b) => a.at.localeCompare(b.at) || a.segmentKey.localeCompare(b.segmentKey))
      .map(({ currentAt: _, ...row }) => row);
  }
}
