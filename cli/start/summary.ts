import { type CameraReport, reportCamera } from '../../core/camera-report';
import { stitchEvents } from '../../core/events';
import type { Rejection } from '../../core/ports';
import type { SegmentItem } from '../../core/segment-result';
import { alignedRows } from '../table';
import { COST_ASSUMPTIONS, costByTier, describeCosts } from './cost';
import type { Platform } from './platform';

const HEAD = ['camera', 'segments', 'sampled', 'decoded', 'inferred', 'events', 'CPU s/footage h'];

/** What the data folder's rows say by camera, of this run and of earlier ones, and what such footage costs a month. */
export async function summaryLines({ store, fleet }: Platform): Promise<string[]> {
  const table: string[][] = [];
  const oddities: string[] = [];
  const worked: Pick<SegmentItem, 'tier' | 'usage' | 'presences'>[] = [];
  for (const camera of await store.cameras()) {
    const items = await Array.fromAsync(store.briefItems(camera));
    const { settings } = await fleet.resolve(camera, items[0]!.startedAt);
    const events = stitchEvents(items, settings).filter(({ zone }) => zone === 'frame');
    table.push([camera, ...cellsOf(items, events.length).map(String)]);
    oddities.push(...describeOddities(reportCamera(camera, items)));
    for (const { tier, usage, presences } of items) worked.push({ tier, usage, presences });
  }
  if (worked.length === 0) return [];
  return [
    ...alignedRows([HEAD, ...table]),
    ...oddities,
    `If every hour were like this footage (${COST_ASSUMPTIONS}):`,
    ...describeCosts(costByTier(worked)).map((line) => `  ${line}`),
  ];
}

type Counted = Pick<SegmentItem, 'framesSampled' | 'framesDecoded' | 'framesInferred' | 'usage'>;

function cellsOf(items: readonly Counted[], events: number): (number | string)[] {
  const sum = (of: (item: Counted) => number): number =>
    items.reduce((total, item) => total + of(item), 0);
  const hours = sum(({ usage }) => usage.footageSeconds) / 3600;
  return [
    items.length,
    sum(({ framesSampled }) => framesSampled),
    sum(({ framesDecoded }) => framesDecoded),
    sum(({ framesInferred }) => framesInferred),
    events,
    (sum(({ usage }) => usage.cpuSeconds) / hours).toFixed(0),
  ];
}

/** Each was told with its reason when it was rejected; here they are counted. */
export function rejectedLines(rejections: readonly Pick<Rejection, 'code'>[]): string[] {
  if (rejections.length === 0) return [];
  const codes = [...Map.groupBy(rejections, ({ code }) => code)]
    .map(([code, all]) => `${code} ${all.length}`)
    .sort();
  return [
    `quarantined ${rejections.length}: ${codes.join(', ')}; see "tierwatch segments --status quarantined"`,
  ];
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
