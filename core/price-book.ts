import * as z from 'zod';
import { gbSecondsOf, type Item, laneRequests, priceOf, requestItems } from './price-work';
import type { Usage } from './segment-result';

/** `seen`: read in the named source; anything else is shown as unverified. */
export type PriceConfidence = 'seen' | 'secondary' | 'unverified';
export interface Price {
  readonly usd: number;
  readonly unit: string;
  readonly source: string;
  readonly confidence: PriceConfidence;
}

/** Dated list prices of one region. */
export interface PriceBook {
  readonly region: string;
  /** `yyyy-mm` */
  readonly asOf: string;
  readonly prices: Readonly<Record<string, Price>>;
  /** Virtual CPUs by EC2 instance type. */
  readonly vcpus: Readonly<Record<string, number>>;
}

export interface CostLine {
  readonly name: 'compute' | 'requests' | 'storage' | 'analytics';
  readonly usdPerMonth: number;
  /** False where a price in it was not read at its source. */
  readonly isVerified: boolean;
  /** What was multiplied, for people. */
  readonly basis: string;
}
export interface CameraCost {
  readonly lines: readonly CostLine[];
  readonly totalUsdPerMonth: number;
}

/** What one hour of a camera's footage takes. */
export interface HourlyUsage {
  readonly cpuSeconds: number;
  readonly bytesRead: number;
  readonly rowsWritten: number;
  readonly snapshotsWritten: number;
  readonly snapshotBytes: number;
  /** For the gpu lane's endpoint. @default 0 */
  readonly waitSeconds?: number | undefined;
}

const amount = z.number().min(0);
const hourlyUsageSchema = z.strictObject({
  cpuSeconds: amount,
  bytesRead: amount,
  rowsWritten: amount,
  snapshotsWritten: amount,
  snapshotBytes: amount,
  waitSeconds: amount.optional(),
});
const sharedOptions = {
  segmentSeconds: z.number().min(1).max(3600).describe('Length of a landed segment (s)'),
};
const days = z.number().min(0).max(3650);
const tierOptionsSchema = z.strictObject({
  ...sharedOptions,
  architecture: z.enum(['arm64', 'x86']),
  memoryMb: z.number().int().min(128).max(10_240).describe('Memory of the Lambda function (MB)'),
  keptRatio: z.number().min(0).max(1).describe('Footage that is evidence (0-1)'),
  quietDays: days.describe('Days quiet footage is kept'),
  eventDays: days.describe('Days evidence is kept at hand'),
  archiveDays: days
    .default(0)
    .describe('Days evidence is kept in all: what comes after eventDays lies in Glacier'),
  cameras: z.number().int().min(1).describe('Cameras that share the analytics instance'),
});
export type TierPriceOptions = z.input<typeof tierOptionsSchema>;
const ec2OptionsSchema = z.strictObject({
  ...sharedOptions,
  instance: z.string().describe('EC2 instance type of the book'),
  utilisationRatio: z.number().gt(0).max(1).describe('Paid vCPU time that is used (0-1)'),
  keepDays: days.describe('Days all footage is kept'),
});
export type Ec2PriceOptions = z.infer<typeof ec2OptionsSchema>;

const HOURS_PER_MONTH = 730;
const BYTES_PER_GB = 1e9;

/** Sums usage and scales it to one hour of footage. @throws {RangeError} without footage */
export function usagePerHour(usages: readonly Usage[]): HourlyUsage {
  const sum = (name: keyof Usage): number =>
    usages.reduce((all, usage) => all + (usage[name] ?? 0), 0);
  const hours = sum('footageSeconds') / 3600;
  if (hours <= 0) throw new RangeError('"usages": expected footage, found 0 seconds of it');
  return {
    cpuSeconds: sum('cpuSeconds') / hours,
    bytesRead: sum('bytesRead') / hours,
    rowsWritten: sum('rowsWritten') / hours,
    snapshotsWritten: sum('snapshotsWritten') / hours,
    snapshotBytes: sum('snapshotBytes') / hours,
    waitSeconds: sum('waitSeconds') / hours,
  };
}

/**
 * Dollars a camera-month of a tier on Lambda's CPU lane, with footage kept by evidence.
 * CPU-seconds are taken as measured: a vCPU of the stated architecture is assumed as fast as the measuring one.
 */
export function priceTier(
  usage: HourlyUsage,
  options: TierPriceOptions,
  book: PriceBook,
): CameraCost {
  const used = hourlyUsageSchema.parse(usage);
  const { memoryMb, architecture, ...rest } = tierOptionsSchema.parse(options);
  const gbSeconds = gbSecondsOf(used, memoryMb);
  const dailyGb = (used.bytesRead * 24) / BYTES_PER_GB;
  const segments = 3600 / rest.segmentSeconds;
  const stored = storageOf(used, rest);
  return costOf(book, [
    {
      name: 'compute',
      basis: `${round(gbSeconds)} Lambda GB-s an hour of footage on ${architecture}, ${memoryMb} MB${used.waitSeconds ? `, with ${round(used.waitSeconds)} s of waiting for the endpoint` : ''}`,
      items: [[`lambda.${architecture}.gbSecond`, gbSeconds * HOURS_PER_MONTH]],
    },
    requestLine(used, segments, laneRequests(segments)),
    {
      name: 'storage',
      basis: `${round(dailyGb)} GB a day, ${round(rest.keptRatio * 100)} % of it kept ${rest.eventDays} days and archived until ${Math.max(rest.eventDays, rest.archiveDays)}, the rest kept ${rest.quietDays}; snapshots as evidence`,
      items: [
        ['s3.standard.gbMonth', stored.standardGb],
        ['s3.glacierInstant.gbMonth', stored.archivedGb],
        ['s3.transition.glacierInstant', stored.archivedObjectsPerMonth],
      ],
    },
    {
      name: 'analytics',
      basis: `InfluxDB medium and 20 GB, shared by ${rest.cameras} cameras`,
      items: [
        ['timestream.influxdb.medium.hour', HOURS_PER_MONTH / rest.cameras],
        ['timestream.influxdb.storageT1.gbMonth', 20 / rest.cameras],
      ],
    },
  ]);
}

/** Objects below this stay where they are: moving them costs more than it saves (bytes). */
export const LEAST_ARCHIVED_BYTES = 131_072;

/** What lies in each storage class once a camera has run for `archiveDays`, and what moves a month. */
export function storageOf(
  used: Pick<HourlyUsage, 'bytesRead' | 'snapshotBytes'>,
  {
    keptRatio,
    quietDays,
    eventDays,
    archiveDays = 0,
    segmentSeconds,
  }: Pick<
    TierPriceOptions,
    'keptRatio' | 'quietDays' | 'eventDays' | 'archiveDays' | 'segmentSeconds'
  >,
): { standardGb: number; archivedGb: number; archivedObjectsPerMonth: number } {
  const dailyGb = (used.bytesRead * 24) / BYTES_PER_GB;
  const segments = 3600 / segmentSeconds;
  const laterDays = Math.max(0, archiveDays - eventDays);
  const isArchived = used.bytesRead / segments > LEAST_ARCHIVED_BYTES;
  const snapshotGb = ((used.snapshotBytes * 24) / BYTES_PER_GB) * Math.max(eventDays, archiveDays);
  const days = keptRatio * (eventDays + (isArchived ? 0 : laterDays)) + (1 - keptRatio) * quietDays;
  const moves = isArchived && laterDays > 0 ? keptRatio * segments * HOURS_PER_MONTH : 0;
  return {
    standardGb: dailyGb * days + snapshotGb,
    archivedGb: isArchived ? dailyGb * keptRatio * laterDays : 0,
    archivedObjectsPerMonth: moves,
  };
}

/** Dollars a camera-month of a fleet of EC2 instances that keeps all footage; its analytics are not counted. */
export function priceEc2(
  usage: HourlyUsage,
  options: Ec2PriceOptions,
  book: PriceBook,
): CameraCost {
  const used = hourlyUsageSchema.parse(usage);
  const { instance, utilisationRatio, segmentSeconds, keepDays } = ec2OptionsSchema.parse(options);
  const vcpus = book.vcpus[instance];
  if (vcpus === undefined) {
    const known = Object.keys(book.vcpus).join(', ');
    throw new RangeError(`"${instance}": expected an instance type of the book (${known})`);
  }
  const vcpuHours = (used.cpuSeconds / 3600 / utilisationRatio) * HOURS_PER_MONTH;
  const dailyGb = (used.bytesRead * 24) / BYTES_PER_GB;
  const segments = 3600 / segmentSeconds;
  return costOf(book, [
    {
      name: 'compute',
      basis: `${round(vcpuHours)} vCPU-hours of ${instance}, ${round(utilisationRatio * 100)} % used`,
      items: [[`ec2.${instance}.hour`, vcpuHours / vcpus]],
    },
    requestLine(used, segments, []),
    {
      name: 'storage',
      basis: `${round(dailyGb)} GB a day, all of it kept ${keepDays} days`,
      items: [['s3.standard.gbMonth', dailyGb * keepDays]],
    },
    { name: 'analytics', basis: 'not counted', items: [] },
  ]);
}

interface LineDraft extends Pick<CostLine, 'name' | 'basis'> {
  readonly items: readonly Item[];
}

function requestLine(
  used: HourlyUsage,
  segments: number,
  extraPerHour: readonly Item[],
): LineDraft {
  const perHour = [...requestItems(used, segments), ...extraPerHour];
  return {
    name: 'requests',
    basis: `${round(segments)} segments landed and ${round(used.rowsWritten)} rows written an hour`,
    items: perHour.map(([name, units]) => [name, units * HOURS_PER_MONTH]),
  };
}

function costOf(book: PriceBook, drafts: readonly LineDraft[]): CameraCost {
  const lines = drafts.map(({ name, basis, items }): CostLine => {
    const priced = items
      .filter(([, units]) => units > 0)
      .map(([price, units]) => ({ price: priceOf(book, price), units }));
    return {
      name,
      basis,
      usdPerMonth: priced.reduce((sum, { price, units }) => sum + price.usd * units, 0),
      isVerified: priced.every(({ price }) => price.confidence === 'seen'),
    };
  });
  return { lines, totalUsdPerMonth: lines.reduce((sum, line) => sum + line.usdPerMonth, 0) };
}

/** One price of the book. @throws {RangeError} where it lacks it */
export function usdOf(book: PriceBook, name: string): number {
  return priceOf(book, name).usd;
}

function round(value: number): number {
  return Number(value.toPrecision(3));
}
