import * as z from 'zod';
import { ENVIRONMENT, type EnvironmentName } from '../core/environment';
import { TierwatchError } from '../core/errors';
import { shapeSentence } from '../core/shape-sentence';
import { expected, textOf, wholeText } from '../core/text-schemas';

/** A function's environment lacks something, or has it in another form: it was deployed by hand. */
export class EnvironmentError extends TierwatchError {
  override readonly name = 'EnvironmentError';
  constructor(problems: readonly string[]) {
    super(
      `the function's environment: ${problems.join('; ')}; deploy it with "pulumi up", which sets all of them`,
      { code: 'environment', retryable: false },
    );
  }
}

const text = z.string().min(1);
const json = z.string().transform((value, context): unknown => {
  try {
    return JSON.parse(value);
  } catch {
    context.addIssue(expected('JSON')({ input: value }));
    return z.NEVER;
  }
});
/** Of another machine only by TLS. */
const error = expected('an address that begins with https://');
const isSafe = (address: string): boolean =>
  URL.canParse(address) && /^(https:\/\/|http:\/\/(127\.0\.0\.1|localhost)[:/])/.test(address);
const https = z.string().refine(isSafe, { error });
const loopback = () =>
  z.url({
    hostname: /^(127\.0\.0\.1|localhost)$/,
    error: expected('an address of this machine, such as http://127.0.0.1:8080'),
  });
const days = wholeText(1, 36_500);
const instances = () => z.number().int().min(1);
const queueArn = textOf(/^arn:aws[a-z-]*:sqs:[^:]+:[^:]+:[^:]+$/, 'the ARN of a queue');
/** Each is made when it is asked for: all of them take 8 ms of a cold start. */
const SCHEMAS = {
  environment: () => text,
  footageBucket: () => text,
  quarantineBucket: () => text,
  snapshotsBucket: () => text,
  configBucket: () => text,
  table: () => text,
  cpuQueueUrl: () => z.url(),
  gpuQueueUrl: () => z.url().optional(),
  gpuEndpoint: () => text,
  gpuVariant: () => text.optional(),
  gpuEndpointConfig: () => text,
  gpuScaling: () =>
    json.pipe(
      z.strictObject({
        min: instances(),
        max: instances(),
        target: z.number().positive(),
        schedules: z
          .array(z.strictObject({ cron: text, timezone: text, min: instances(), max: instances() }))
          .default([]),
      }),
    ),
  gpuTags: () => json.pipe(z.record(z.string(), z.string())).optional(),
  gpuVariants: () => json.pipe(z.record(z.string(), z.string())).optional(),
  gpuLane: () => z.enum(['on', 'auto']).optional(),
  gpuLaneRule: () =>
    json.pipe(
      z.strictObject({
        instanceType: text,
        instances: instances(),
        architecture: z.enum(['arm64', 'x86']),
        dwellMinutes: z.number().min(1),
        cpuMsPerFrame: z.number().positive(),
        concurrentRequests: z.number().int().min(1),
      }),
    ),
  gpuAddress: () => loopback().optional(),
  analyticsQueueUrl: () => z.url().optional(),
  detectionsStream: () => text.optional(),
  analyticsFunction: () => text.optional(),
  lambdaAddress: () => loopback().optional(),
  rollUpTable: () => text.optional(),
  timeSeries: () => z.enum(['influxdb', 'live-analytics']).optional(),
  influxUrl: () => z.url({ protocol: /^https?$/ }).optional(),
  influxSecret: () => text.optional(),
  influxAdminSecret: () => text,
  influxWriteSecret: () => text,
  influxReadSecret: () => text,
  timeSeriesDays: () => days,
  timeSeriesDatabase: () => text.optional(),
  timeSeriesTable: () => text.optional(),
  sitesClaim: () => text,
  pageAddress: () => https,
  signInIssuer: () => https.optional(),
  signInClient: () => text.optional(),
  footageKeySecret: () => text,
  queueDesk: () =>
    json.pipe(z.record(text, z.strictObject({ arn: queueArn, deadLetterArn: queueArn }))),
  retentionQueueUrl: () => z.url(),
  retentionMode: () => z.enum(['report', 'enforce']),
  notifyTopics: () => json.pipe(z.record(z.string(), textOf(/^arn:/, 'the ARN of a topic'))),
  lanes: () =>
    z
      .string()
      .transform((list) => list.split(','))
      .pipe(z.array(z.enum(['cpu', 'gpu']))),
  modelFolder: () => text,
  modelArchive: () =>
    textOf(/^s3:\/\/[^/]+\/.+$/, 'the address of an archive in S3, s3://…').optional(),
  modelSha256: () => textOf(/^[0-9a-f]{64}$/, 'a sha256, 64 hexadecimal digits').optional(),
  modelsFolder: () => text.optional(),
  quietItemDays: () => days,
  evidenceItemDays: () => days,
  footageDays: () => days,
  workers: () => wholeText(1, 6),
  awsEndpoint: () => loopback().optional(),
} as const satisfies Record<EnvironmentName, () => z.ZodType>;

type Environment<Name extends EnvironmentName> = {
  readonly [Key in Name]: z.infer<ReturnType<(typeof SCHEMAS)[Key]>>;
};

/**
 * What a function was given, checked once at its start.
 * @throws {EnvironmentError} with every problem at once
 */
export function readEnvironment<Name extends EnvironmentName>(
  names: readonly Name[],
  variables: Readonly<Record<string, string | undefined>> = process.env,
): Environment<Name> {
  const problems: string[] = [];
  const values: Partial<Record<EnvironmentName, unknown>> = {};
  for (const name of names) {
    const variable = ENVIRONMENT[name];
    const value = variables[variable] || undefined;
    const parsed = SCHEMAS[name]().safeParse(value, { error: shapeSentence });
    if (parsed.success) values[name] = parsed.data;
    else problems.push(...parsed.error.issues.flatMap((issue) => linesOf(variable, issue)));
  }
  if (problems.length > 0) throw new EnvironmentError(problems);
  return values as Environment<Name>;
}

/** What is wrong with a variable, and where in it if it holds JSON. */
function linesOf(variable: string, issue: z.core.$ZodIssue): string[] {
  const where = [variable, ...issue.path].join('.');
  if (issue.code !== 'unrecognized_keys') return [`${where}: ${issue.message}`];
  return issue.keys.map((key) => `${where}.${key}: expected no such key, found it`);
}
