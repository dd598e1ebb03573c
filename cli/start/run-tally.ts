import type { SegmentItem } from '../../core/segment-result';

/** What one run has done so far, for its progress and its exit code. */
export class RunTally {
  readonly rejected: { readonly code: string }[] = [];
  done = 0;
  footageSeconds = 0;

  add({ usage }: Pick<SegmentItem, 'usage'>): void {
    this.done++;
    this.footageSeconds += usage.footageSeconds;
  }
}
