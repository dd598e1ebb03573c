import type { DetectionEvent } from '../../core/segment-result';

/** What a list of events is narrowed to; empty: everything. */
export interface EventFilters {
  readonly site: string;
  readonly camera: string;
  readonly className: string;
  /** `frame`: the whole picture; `any`: every zone. */
  readonly zone: string;
  readonly period: PeriodName;
}

export const PERIODS = {
  hour: { label: 'Last hour', hours: 1 },
  day: { label: 'Last 24 hours', hours: 24 },
  week: { label: 'Last 7 days', hours: 7 * 24 },
  month: { label: 'Last 30 days', hours: 30 * 24 },
} as const;
export type PeriodName = keyof typeof PERIODS;

/** The filters of an address; what it does not say is the default. */
export function filtersOf(settings: Readonly<Record<string, string>>): EventFilters {
  const { site = '', camera = '', class: className = '', zone = 'frame', period } = settings;
  return { site, camera, className, zone, period: periodName(period) };
}

function periodName(text: string | undefined): PeriodName {
  return text !== undefined && Object.hasOwn(PERIODS, text) ? (text as PeriodName) : 'day';
}

/** The same filters as settings of an address; defaults are left out. */
export function settingsOf(filters: EventFilters): Record<string, string | undefined> {
  const { site, camera, className, zone, period } = filters;
  return {
    site: site || undefined,
    camera: camera || undefined,
    class: className || undefined,
    zone: zone === 'frame' ? undefined : zone,
    period: period === 'day' ? undefined : period,
  };
}

/** The same filters as a query of the api. */
export function queryOf(filters: EventFilters, nowMs: number): Record<string, string | undefined> {
  const { site, camera, className, zone, period } = filters;
  return {
    site: camera === '' && site !== '' ? site : undefined,
    camera: camera || undefined,
    className: className || undefined,
    zone: zone === 'any' ? undefined : zone,
    since: new Date(nowMs - PERIODS[period].hours * 3_600_000).toISOString(),
  };
}

/** Whether an event that arrives belongs to the list; the period does not matter to what is new. */
export function isWanted(
  { camera, className, zone }: Pick<DetectionEvent, 'camera' | 'className' | 'zone'>,
  filters: EventFilters,
): boolean {
  return (
    (filters.site === '' || camera.startsWith(`${filters.site}/`)) &&
    (filters.camera === '' || camera === filters.camera) &&
    (filters.className === '' || className === filters.className) &&
    (filters.zone === 'any' || zone === filters.zone)
  );
}
