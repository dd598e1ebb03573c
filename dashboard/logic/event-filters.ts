import type { DetectionEvent } from '../../core/segment-result';
import { daySpan, type Span } from './time-scale';

/** What a list of events is narrowed to; empty: everything. */
export interface EventFilters {
  readonly site: string;
  readonly camera: string;
  readonly className: string;
  /** `frame`: the whole picture; `any`: every zone. */
  readonly zone: string;
  /** A period up to now, or a day `yyyy-mm-dd` of this computer's time zone. */
  readonly period: string;
}

export const PERIODS = {
  hour: { label: 'Last hour', hours: 1 },
  day: { label: 'Last 24 hours', hours: 24 },
  week: { label: 'Last 7 days', hours: 7 * 24 },
  month: { label: 'Last 30 days', hours: 30 * 24 },
} as const;
type PeriodName = keyof typeof PERIODS;
const FIRST_DAY = '1970-01-02';
const DATE = /^\d{4}-\d{2}-\d{2}$/;

/** Whether a text is one day, of a year that footage may be of. */
export function isDay(text: string): boolean {
  return DATE.test(text) && text >= FIRST_DAY && !Number.isNaN(Date.parse(text));
}

/** The filters of an address; what it does not say is the default. */
export function filtersOf(settings: Readonly<Record<string, string>>): EventFilters {
  const { site = '', camera = '', class: className = '', zone = 'frame', period } = settings;
  return { site, camera, className, zone, period: periodName(period) };
}

function periodName(text = 'day'): string {
  return Object.hasOwn(PERIODS, text) || isDay(text) ? text : 'day';
}

/** The period of some filters. */
export function spanOfPeriod(
  period: string,
  { nowMs, timezone }: { readonly nowMs: number; readonly timezone: string },
): Span {
  if (isDay(period)) return daySpan(period, timezone);
  const { hours } = PERIODS[period as PeriodName];
  return { fromMs: nowMs - hours * 3_600_000, toMs: nowMs };
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
export function queryOf(filters: EventFilters, span: Span): Record<string, string | undefined> {
  const { site, camera, className, zone, period } = filters;
  return {
    site: camera === '' && site !== '' ? site : undefined,
    camera: camera || undefined,
    className: className || undefined,
    zone: zone === 'any' ? undefined : zone,
    since: new Date(span.fromMs).toISOString(),
    ...(isDay(period) ? { until: new Date(span.toMs).toISOString() } : {}),
  };
}

/** Whether an event that arrives belongs to the list; a period up to now has whatever is new. */
export function isWanted(
  event: Pick<DetectionEvent, 'camera' | 'className' | 'zone' | 'startedAt' | 'endedAt'>,
  filters: EventFilters,
  span: Span,
): boolean {
  const { camera, className, zone } = event;
  return (
    isInPeriod(event, filters.period, span) &&
    (filters.site === '' || camera.startsWith(`${filters.site}/`)) &&
    (filters.camera === '' || camera === filters.camera) &&
    (filters.className === '' || className === filters.className) &&
    (filters.zone === 'any' || zone === filters.zone)
  );
}

function isInPeriod(
  { startedAt, endedAt }: Pick<DetectionEvent, 'startedAt' | 'endedAt'>,
  period: string,
  { fromMs, toMs }: Span,
): boolean {
  return !isDay(period) || (Date.parse(startedAt) < toMs && Date.parse(endedAt) > fromMs);
}
