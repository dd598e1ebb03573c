import { Argument, type Command } from 'commander';
import { Database } from '../../adapters/embedded/database';
import { SqliteAnalyticsReader } from '../../adapters/embedded/sqlite-analytics-queries';
import {
  ANALYTICS_QUERIES,
  ANALYTICS_QUERY_NAMES,
  type AnalyticsAnswer,
  type AnalyticsParams,
  type AnalyticsQueryName,
  type AnalyticsScope,
  analyticsParamsSchema,
  requireQueryName,
  scopeOf,
} from '../../core/analytics-queries';
import { guarded } from '../exit';
import { DEFAULT_DATA, instant, UsageError, wholeNumber } from '../options';
import { alignedRows } from '../table';

interface AnalyticsOptions extends AnalyticsParams {
  readonly data: string;
  /** Of an environment on AWS. */
  readonly function?: string;
  readonly json?: true;
}

export function registerAnalytics(program: Command): void {
  program
    .command('analytics')
    .description('what the time series says: a named query; works beside a running start')
    .addArgument(new Argument('<query>', 'see below').choices(ANALYTICS_QUERY_NAMES))
    .option('--site <site>', 'only this site')
    .option('--camera <camera>', 'only this site/camera')
    .option(
      '--since <instant>',
      'segments that start at it or later; default: 7 days before',
      instant,
    )
    .option('--until <instant>', 'segments that start before it; default: now', instant)
    .option('--limit <count>', 'rows at most, of busiest-cameras; default: 10', wholeNumber)
    .option('--data <dir>', 'data folder of start', DEFAULT_DATA)
    .option(
      '--function <name>',
      'asks an environment on AWS instead: its function analytics-query, such as tierwatch-prod-analytics-query:live',
    )
    .option('--json', 'one row a line')
    .addHelpText('after', `\nQueries:\n${describeQueries().join('\n')}`)
    .action(guarded(analytics));
}

async function analytics(name: string, options: AnalyticsOptions): Promise<void> {
  const { data, json, function: functionName, ...params } = options;
  const query = requireQueryName(name);
  const scope = scopeOf(query, checked(params), new Date());
  const rows = functionName
    ? await askCloud(functionName, query, scope)
    : await askFolder(data, query, scope);
  if (json) for (const row of rows) console.log(JSON.stringify(row));
  else {
    for (const line of tableOf(query, rows)) console.log(line);
    console.error(`segments that start from ${scope.from} to ${scope.to}`);
  }
}

async function askFolder(data: string, query: AnalyticsQueryName, scope: AnalyticsScope) {
  const database = Database.openReadOnly(data);
  try {
    return await new SqliteAnalyticsReader(database).ask(query, scope);
  } finally {
    database.close();
  }
}

/** By the caller's own credentials: they may invoke that function, and nothing else is needed. */
async function askCloud(functionName: string, query: AnalyticsQueryName, scope: AnalyticsScope) {
  const region = process.env.AWS_REGION ?? process.env.AWS_DEFAULT_REGION;
  if (!region) throw new UsageError('"AWS_REGION": expected the environment’s region, found none');
  const endpoint = process.env.TIERWATCH_LAMBDA_ADDRESS;
  // Loaded only here: what lies on this machine is asked without the SDK.
  const {
    DEFAULT_CLIENT_OPTIONS,
  }: typeof import('../../adapters/aws/clients') = require('../../adapters/aws/clients');
  const {
    createLambdaClient,
    LambdaAnalytics,
  }: typeof import('../../adapters/aws/lambda-analytics') = require('../../adapters/aws/lambda-analytics');
  const lambda = createLambdaClient({
    region,
    ...(endpoint ? { endpoint } : {}),
    ...DEFAULT_CLIENT_OPTIONS,
  });
  return new LambdaAnalytics(lambda, functionName).ask(query, scope);
}

function checked(params: AnalyticsParams): AnalyticsParams {
  const parsed = analyticsParamsSchema.safeParse(params);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const field = String(issue?.path[0]);
  throw new UsageError(
    `--${field} "${String(params[field as keyof AnalyticsParams])}": ${issue?.message}`,
  );
}

function describeQueries(): string[] {
  return ANALYTICS_QUERY_NAMES.map((name) => {
    const { summary, maxDays } = ANALYTICS_QUERIES[name];
    return `  ${name.padEnd(18)}${summary}; at most ${maxDays} days`;
  });
}

type Columns<Row> = readonly (readonly [title: string, cell: (row: Row) => string])[];
type Tables = {
  readonly [Name in AnalyticsQueryName]: Columns<AnalyticsAnswer<Name>>;
};

/** The columns of each answer for people; the first one names the row. */
const TABLES: Tables = {
  'activity-by-hour': [
    ['hour (UTC)', ({ hour }) => hour.slice(0, 16)],
    ['class', ({ className }) => className],
    ['presence s', ({ presenceSeconds }) => presenceSeconds.toFixed(1)],
    ['peak', ({ peakCount }) => String(peakCount)],
  ],
  'cost-by-tier': [
    ['tier', ({ tier }) => tier],
    ['segments', ({ segments }) => String(segments)],
    ['footage h', ({ footageSeconds }) => (footageSeconds / 3600).toFixed(2)],
    ['CPU s', ({ cpuSeconds }) => cpuSeconds.toFixed(1)],
    ['GB read', ({ bytesRead }) => (bytesRead / 1e9).toFixed(3)],
    ['work $', ({ workUsd }) => workUsd.toFixed(6)],
    ['work $/camera-month', ({ usdPerCameraMonth }) => usdPerCameraMonth?.toFixed(2) ?? '-'],
  ],
  'lag-p95': [
    ['tier', ({ tier }) => tier],
    ['segments', ({ segments }) => String(segments)],
    ['lag p95 s', ({ p95Seconds }) => p95Seconds.toFixed(1)],
  ],
  'busiest-cameras': [
    ['camera', ({ camera }) => camera],
    ['segments', ({ segments }) => String(segments)],
    ['moving s', ({ movingSeconds }) => movingSeconds.toFixed(1)],
  ],
  'work-by-camera': [
    ['camera', ({ camera }) => camera],
    ['tier', ({ tier }) => tier],
    ['segments', ({ segments }) => String(segments)],
    ['footage h', ({ footageSeconds }) => (footageSeconds / 3600).toFixed(2)],
    ['moving s', ({ movingSeconds }) => movingSeconds.toFixed(1)],
    ['CPU s', ({ cpuSeconds }) => cpuSeconds.toFixed(1)],
    ['work $', ({ workUsd }) => workUsd.toFixed(6)],
  ],
  'quiet-share': [
    ['tier', ({ tier }) => tier],
    ['segments', ({ segments }) => String(segments)],
    ['quiet', ({ quietSegments }) => String(quietSegments)],
    ['quiet %', ({ quietRatio }) => (quietRatio * 100).toFixed(1)],
  ],
};

function tableOf<Name extends AnalyticsQueryName>(
  query: Name,
  rows: readonly AnalyticsAnswer<Name>[],
): string[] {
  const columns: Columns<AnalyticsAnswer<Name>> = TABLES[query];
  return alignedRows([
    columns.map(([title]) => title),
    ...rows.map((row) => columns.map(([, cell]) => cell(row))),
  ]);
}
