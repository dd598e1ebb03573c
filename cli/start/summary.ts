import type { CameraReport } from '../../core/camera-report';
import type { SegmentItem } from '../../core/segment-result';

interface CameraTotals {
  segments: number;
  sampled: number;
  decoded: number;
  inferred: number;
  cpuSeconds: number;
  footageSeconds: number;
}

/** Adds up what was done, for the progress line and the summary at the end. */
export class Tally {
  private readonly cameras = new Map<string, CameraTotals>();
  readonly rejected: { key: string; code: string; reason: string }[] = [];
  done = 0;
  footageSeconds = 0;

  add({ camera, usage, framesSampled, framesDecoded, framesInferred }: SegmentItem): void {
    const totals = this.cameras.get(camera) ?? {
      segments: 0,
      sampled: 0,
      decoded: 0,
      inferred: 0,
      cpuSeconds: 0,
      footageSeconds: 0,
    };
    this.cameras.set(camera, totals);
    totals.segments++;
    totals.sampled += framesSampled;
    totals.decoded += framesDecoded;
    totals.inferred += framesInferred;
    totals.cpuSeconds += usage.cpuSeconds;
    totals.footageSeconds += usage.footageSeconds;
    this.done++;
    this.footageSeconds += usage.footageSeconds;
  }

  /** Lines of the table that ends a run. @param eventsOf stitched events by camera */
  lines(eventsOf: ReadonlyMap<string, number>): string[] {
    const head = [
      'camera',
      'segments',
      'sampled',
      'decoded',
      'inferred',
      'events',
      'CPU s/footage h',
    ];
    const rows = [...this.cameras]
      .sort(([a], [b]) => a.localeCompare(b))
      .map(([camera, totals]) =>
        [
          camera,
          totals.segments,
          totals.sampled,
          totals.decoded,
          totals.inferred,
          eventsOf.get(camera) ?? 0,
          ((totals.cpuSeconds / totals.footageSeconds) * 3600).toFixed(0),
        ].map(String),
      );
    const widths = head.map((title, column) =>
      Math.max(title.length, ...rows.map((row) => row[column]!.length)),
    );
    const format = (row: string[]): string =>
      row
        .map((cell, column) =>
          column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!),
        )
        .join('  ');
    const table = rows.length === 0 ? [] : [format(head), ...rows.map(format)];
    return [...table, ...this.rejectedLines()];
  }

  /** Each was told with its reason when it was rejected; here they are counted. */
  private rejectedLines(): string[] {
    if (this.rejected.length === 0) return [];
    const codes = [...Map.groupBy(this.rejected, ({ code }) => code)]
      .map(([code, all]) => `${code} ${all.length}`)
      .sort();
    return [
      `quarantined ${this.rejected.length}: ${codes.join(', ')}; see "tierwatch segments --status quarantined"`,
    ];
  }
}

/** One line for each thing about a camera itself that its owner should look at. */
export function describeOddities({ camera, clockAheadSeconds, overlaps }: CameraReport): string[] {
  const ahead =
    clockAheadSeconds > 0
      ? [`${camera}: its clock is at least ${clockAheadSeconds.toFixed(0)} s ahead; set it by NTP`]
      : [];
  const [first] = overlaps;
  const overlapping = first
    ? [
        `${camera}: ${overlaps.length} segments overlap others, such as ${first.segmentKey} and ${first.withSegmentKey} by ${first.seconds.toFixed(0)} s; two recorders, or a clock that was set back`,
      ]
    : [];
  return [...ahead, ...overlapping];
}
