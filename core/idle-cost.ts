import { type PriceBook, usdOf } from './price-book';

/** One resource as the program asks for it. */
export interface PlannedResource {
  readonly type: string;
  readonly name: string;
  readonly inputs: Readonly<Record<string, unknown>>;
}

/** What a resource costs whether it is used or not. */
export interface IdleLine {
  readonly type: string;
  readonly name: string;
  /** Null: the book lacks a price of it. */
  readonly usdPerMonth: number | null;
  /** What was multiplied, for people. */
  readonly basis: string;
}

const HOURS = 730;
const HOUR_SECONDS = 3600;

type Priced = Pick<IdleLine, 'usdPerMonth' | 'basis'> | null;
type PriceOne = (
  resource: PlannedResource,
  given: { readonly book: PriceBook; readonly all: readonly PlannedResource[] },
) => Priced;

/** A month of each; what is paid by use alone (requests, stored bytes, rows) is not here. No free tier is taken off. */
export function idleCost(all: readonly PlannedResource[], book: PriceBook): IdleLine[] {
  return all.flatMap((resource) => {
    const priced = PRICED[resource.type]?.(resource, { book, all }) ?? null;
    return priced ? [{ type: resource.type, name: resource.name, ...priced }] : [];
  });
}

/** The priced lines together ($ a month). */
export function idleUsdPerMonth(lines: readonly IdleLine[]): number {
  return lines.reduce((sum, { usdPerMonth }) => sum + (usdPerMonth ?? 0), 0);
}

const flat =
  (price: string): PriceOne =>
  (_, { book }) => ({ usdPerMonth: usdOf(book, price), basis: 'each' });

const PRICED: Readonly<Record<string, PriceOne>> = {
  'aws:kms/key:Key': flat('kms.key.month'),
  'aws:secretsmanager/secret:Secret': flat('secretsManager.secret.month'),
  'aws:cloudwatch/metricAlarm:MetricAlarm': flat('cloudwatch.alarm.month'),
  'aws:cloudwatch/dashboard:Dashboard': flat('cloudwatch.dashboard.month'),
  'aws:ec2/natGateway:NatGateway': (_, { book }) => byTheHour(book, 'natGateway.hour', 1),
  'aws:ec2/vpcEndpoint:VpcEndpoint': ({ inputs }, { book }) => {
    const { vpcEndpointType, subnetIds } = inputs;
    if (vpcEndpointType !== 'Interface') return null;
    const zones = Array.isArray(subnetIds) ? subnetIds.length : 1;
    return byTheHour(book, 'vpcEndpoint.interface.hour', zones);
  },
  'aws:timestreaminfluxdb/dbInstance:DbInstance': ({ inputs }, { book }) => {
    const { dbInstanceType, allocatedStorage } = inputs;
    const size = String(dbInstanceType).replace('db.influx.', '');
    const hours = byTheHour(book, `timestream.influxdb.${size}.hour`, 1);
    if (hours.usdPerMonth === null) return hours;
    const gb = Number(allocatedStorage);
    const storageUsd = gb * usdOf(book, 'timestream.influxdb.storageT1.gbMonth');
    return { usdPerMonth: hours.usdPerMonth + storageUsd, basis: `${hours.basis}, ${gb} GB` };
  },
  'aws:sagemaker/endpointConfiguration:EndpointConfiguration': ({ inputs }, { book }) => {
    const variants = inputs.productionVariants as
      | readonly { readonly instanceType?: string; readonly initialInstanceCount?: number }[]
      | undefined;
    const [variant] = variants ?? [];
    const { instanceType, initialInstanceCount = 1 } = variant ?? {};
    return byTheHour(book, `sagemaker.${instanceType}.hour`, initialInstanceCount);
  },
  'aws:appautoscaling/target:Target': ({ name, inputs }, { book, all }) => {
    if (inputs.serviceNamespace !== 'lambda') return null;
    const lambda = all.find(
      (one) => one.type === 'aws:lambda/function:Function' && one.name === name,
    );
    const { memorySize = 0, architectures } = lambda?.inputs ?? {};
    const gb = Number(memorySize) / 1024;
    const isArm = Array.isArray(architectures) && architectures[0] === 'arm64';
    const price = `lambda.${isArm ? 'arm64' : 'x86'}.provisioned.gbSecond`;
    const count = Number(inputs.minCapacity);
    const usdPerMonth = count * gb * HOURS * HOUR_SECONDS * usdOf(book, price);
    return { usdPerMonth, basis: `${count} warm of ${gb.toFixed(2)} GB, outside its schedules` };
  },
};

function byTheHour(book: PriceBook, price: string, count: number) {
  const known = book.prices[price];
  const basis = `${count} x ${HOURS} h ${price}`;
  return { usdPerMonth: known ? known.usd * count * HOURS : null, basis };
}
