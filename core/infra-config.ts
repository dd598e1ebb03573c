import * as z from 'zod';

const days = z.number().int().min(1).max(3650);

const scheduleSchema = z.strictObject({
  cron: z
    .string()
    .regex(/^cron\([^)]+\)$/)
    .describe('When, as AWS writes it: "cron(0 7 ? * MON-SAT *)"'),
  timezone: z.string().describe('IANA time zone of the site, such as Europe/Berlin'),
  min: z.number().int().min(0).max(1000).describe('Least environments kept warm from then on'),
  max: z.number().int().min(0).max(1000).describe('Most environments kept warm from then on'),
});

const warmSchema = z.strictObject({
  min: z.number().int().min(0).max(1000).describe('Least environments kept warm'),
  max: z.number().int().min(1).max(1000).describe('Most environments kept warm'),
  targetRatio: z
    .number()
    .min(0.1)
    .max(0.9)
    .default(0.7)
    .describe('Share of them in use that is aimed at (0-1)'),
  schedules: z.array(scheduleSchema).default([]).describe('Changes of both by the hour'),
});
export type WarmEnvironments = z.infer<typeof warmSchema>;

/** AWS scales a real-time endpoint to one instance at least: docs/decisions/gpu-break-even.md. */
export const scalingHoursSchema = scheduleSchema.extend({
  min: scheduleSchema.shape.min.min(1),
  max: scheduleSchema.shape.max.min(1),
});
export type ScalingHours = z.infer<typeof scalingHoursSchema>;

const s3Bundle = z.string().regex(/^s3:\/\/[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]\/\S+\.tar\.gz$/);

const gpuSchema = z.strictObject({
  image: z
    .string()
    .regex(/^\d{12}\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com\/[^\s:]+(:[\w.-]+|@sha256:[0-9a-f]{64})$/)
    .describe('URI of the model server’s image in ECR: endpoint/Dockerfile'),
  instanceType: z
    .enum(['ml.g4dn.xlarge', 'ml.g5.xlarge', 'ml.g6.xlarge'])
    .default('ml.g4dn.xlarge')
    .describe('Instance of the endpoint; paid by the hour, used or not'),
  model: s3Bundle
    .optional()
    .describe(
      'Model bundle of the endpoint as a tar.gz in S3; default: that of tierwatch:model, or the one in the image',
    ),
  lane: z
    .enum(['on', 'off', 'auto'])
    .default('on')
    .describe(
      'Cameras of gpu tiers: at the endpoint; on the cpu lane, without an endpoint; or where lane-switch says, by the price book',
    ),
  dwellMinutes: z
    .number()
    .int()
    .min(15)
    .max(1440)
    .default(60)
    .describe('With lane auto: a lane is kept for so long at least (min)'),
  minInstances: z
    .number()
    .int()
    .min(1)
    .max(100)
    .default(1)
    .describe('Least instances: a real-time endpoint can’t scale to nothing, power stops it'),
  maxInstances: z.number().int().min(1).max(100).default(2).describe('Most instances'),
  concurrentRequests: z
    .number()
    .int()
    .min(1)
    .max(256)
    .default(16)
    .describe('Requests at once on one instance that scaling aims at'),
  schedules: z
    .array(scalingHoursSchema)
    .min(1)
    .describe(
      'When the endpoint grows and when it shrinks: an idle GPU costs as much as a busy one',
    ),
  challenger: z
    .strictObject({
      name: z
        .string()
        .regex(/^[a-z0-9][a-z0-9.-]{0,62}$/)
        .describe('Name by which tiers set it as their model'),
      model: s3Bundle.describe('Its bundle as a tar.gz in S3'),
    })
    .optional()
    .describe(
      'A second model behind the endpoint, on an instance of its own, for the tiers that name it',
    ),
  rollbackTo: z
    .string()
    .regex(/^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}$/)
    .optional()
    .describe(
      'An earlier endpoint configuration, which the endpoint serves instead: they are kept',
    ),
  async: z
    .strictObject({
      maxInstances: z.number().int().min(1).max(20).default(1).describe('Most instances'),
      answerDays: days.default(7).describe('Answers are kept (days)'),
    })
    .optional()
    .describe(
      'An asynchronous endpoint beside it, from nothing to so many instances: whole recordings up to 1 GB, S3 in and out',
    ),
  power: z
    .union([
      z.literal('fleet').describe('The hours in which the fleet’s schedules need it'),
      z.strictObject({
        start: scheduleSchema.shape.cron.describe('When it is made; it takes minutes to be there'),
        stop: scheduleSchema.shape.cron.describe('When it is deleted'),
        timezone: scheduleSchema.shape.timezone,
      }),
    ])
    .optional()
    .describe('Hours in which there is an endpoint at all; default: always'),
});
export type GpuConfig = z.infer<typeof gpuSchema>;

const signInSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('cognito').describe('A user pool of this environment') }),
  z.strictObject({
    kind: z.literal('issuer').describe('An OpenID Connect issuer that there is already'),
    issuer: z.url({ protocol: /^https$/ }).describe('Its address: the iss of its tokens'),
    audience: z.string().min(1).max(200).describe('The aud, or client_id, of tokens for this api'),
    sitesClaim: z
      .string()
      .min(1)
      .max(200)
      .default('tierwatch:sites')
      .describe('Claim that lists what may be seen: "all", or "site:NAME" for each site'),
    clientId: z
      .string()
      .min(1)
      .max(200)
      .optional()
      .describe(
        'The page’s client there, public, with PKCE, its redirect address PAGE/api/sign-in/callback; default: no form, tokens are pasted',
      ),
  }),
]);
export type SignInConfig = z.infer<typeof signInSchema>;

const publicKey = z
  .string()
  .regex(
    /^-----BEGIN PUBLIC KEY-----\n[A-Za-z0-9+/=\n]+-----END PUBLIC KEY-----\n?$/,
    'expected a public key as PEM: openssl rsa -in key.pem -pubout',
  );

const modelSchema = z
  .strictObject({
    bundle: z
      .string()
      .regex(/^(s3:\/\/[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]\/\S+\.tar\.gz|[^:]+)$/)
      .describe(
        'Folder of the bundle from the project’s root, or the archive of one, s3://….tar.gz',
      ),
    sha256: z
      .string()
      .regex(/^[0-9a-f]{64}$/)
      .optional()
      .describe('Of the archive, as the output "model" tells it; s3://… needs it'),
  })
  .refine(({ bundle, sha256 }) => !bundle.startsWith('s3://') || sha256 !== undefined, {
    path: ['sha256'],
    error: 'expected the sha256 of the archive, found none: "pulumi stack output model" told it',
  });

const subscribersSchema = z.strictObject({
  email: z
    .array(z.email())
    .max(10)
    .default([])
    .describe('Who is sent each alert as JSON; AWS asks each to confirm'),
  https: z
    .array(z.url({ protocol: /^https$/ }))
    .max(10)
    .default([])
    .describe('Where each alert is POSTed as JSON; SNS asks each address once to confirm'),
});
export type Subscribers = z.infer<typeof subscribersSchema>;

/** Configuration of one environment: Pulumi.<environment>.yaml, keys `tierwatch:<name>`. */
export const infraConfigSchema = z
  .strictObject({
    owner: z.string().min(1).max(128).describe('Who answers for the bill: a tag on everything'),
    fleet: z
      .string()
      .min(1)
      .describe('Fleet file, or folder with a file a site, from the project’s root'),
    image: z
      .string()
      .regex(/^[^\s:]+(:[\w.-]+)?(@sha256:[0-9a-f]{64})?$/)
      .optional()
      .describe('URI of the functions’ image; default: built here and pushed by awsx'),
    architecture: z
      .enum(['x86_64', 'arm64'])
      .default('x86_64')
      .describe('Of the functions; arm64 has not been measured'),
    detectMemoryMb: z
      .number()
      .int()
      .min(512)
      .max(10_240)
      .default(1769)
      .describe('Of detect-cpu; 1769 MB is one vCPU (MB)'),
    detectBatchSize: z
      .number()
      .int()
      .min(1)
      .max(10)
      .default(5)
      .describe('Segments that detect-cpu takes at once'),
    detectMaxConcurrency: z
      .number()
      .int()
      .min(2)
      .max(1000)
      .default(50)
      .describe('Most detect-cpu functions at once, by the event source'),
    isConcurrencyReserved: z
      .boolean()
      .default(false)
      .describe(
        'Whether detectMaxConcurrency is taken out of the account’s for detect-cpu alone: no other function can starve it, nor it another',
      ),
    provisionedConcurrency: z
      .union([z.literal('none'), warmSchema])
      .optional()
      .describe(
        'Warm environments of detect-cpu; "none": cold starts; default: what the fleet’s schedules need in their busy hours',
      ),
    maxWarm: z
      .number()
      .int()
      .min(1)
      .max(1000)
      .default(5)
      .describe('Most environments that the fleet’s schedules keep warm'),
    model: modelSchema
      .optional()
      .describe(
        'Model that tiers call "default", of the functions and, without gpu.model, of the endpoint; default: the demo model in the images',
      ),
    gpu: gpuSchema
      .optional()
      .describe('The gpu lane’s endpoint; default: none, cameras of gpu tiers run on the cpu lane'),
    existingFootageBucket: z
      .string()
      .regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/)
      .optional()
      .describe('A bucket of yours, attached through EventBridge; default: one is made'),
    isVersioned: z
      .boolean()
      .default(false)
      .describe('Whether the footage bucket keeps versions; they expire after a day'),
    encryption: z
      .enum(['sse-s3', 'kms'])
      .default('sse-s3')
      .describe('Of buckets, queues and topics: S3’s own keys, or a KMS key with a bucket key'),
    quarantineDays: days.default(90).describe('Quarantined footage is kept (days)'),
    retentionMode: z
      .enum(['report', 'enforce'])
      .default('report')
      .describe('Footage by evidence: only counted, or deleted daily by the fleet’s retention'),
    logRetentionDays: z
      .union([z.literal(7), z.literal(14), z.literal(30), z.literal(60), z.literal(90)])
      .default(30)
      .describe('Logs are kept (days)'),
    analytics: z
      .enum(['none', 'influxdb', 'live-analytics'])
      .default('none')
      .describe(
        'Time series: Timestream for InfluxDB, for LiveAnalytics, or none: the same queries over hourly sums in the table',
      ),
    analyticsDays: days
      .default(400)
      .describe('The time series keeps a row (days); the longest named query asks for 400'),
    hasLiveRollUps: z
      .boolean()
      .default(false)
      .describe(
        'Whether a scheduled query of LiveAnalytics sums rows by hour into a table of their own; AWS makes it once the table has rows, not before',
      ),
    influxInstanceType: z
      .enum([
        'db.influx.medium',
        'db.influx.large',
        'db.influx.xlarge',
        'db.influx.2xlarge',
        'db.influx.4xlarge',
        'db.influx.8xlarge',
        'db.influx.12xlarge',
        'db.influx.16xlarge',
      ])
      .default('db.influx.medium')
      .describe('Instance of Timestream for InfluxDB; it is paid by the hour, used or not'),
    detectionDays: days
      .optional()
      .describe(
        'Every detection is kept as JSON lines (days); default: they stay in their items alone',
      ),
    acknowledgesLiveAnalyticsClosed: z
      .boolean()
      .default(false)
      .describe('This account had LiveAnalytics before AWS closed it to new ones (2025-06-20)'),
    budgetUsdPerMonth: z.number().positive().describe('Budget of the environment ($ a month)'),
    budgetEmails: z
      .array(z.email())
      .min(1)
      .max(10)
      .describe(
        'Who hears of alarms, and at 50, 80 and 100 % of the budget and of its forecast; AWS asks each to confirm',
      ),
    notify: z
      .record(z.string(), subscribersSchema)
      .default({})
      .describe(
        'Who hears of alerts, by the fleet’s notify names; a name without anybody is warned of',
      ),
    page: z
      .enum(['none', 'cloudfront'])
      .default('none')
      .describe('The page, api and footage under one name of CloudFront, or none of them'),
    signIn: signInSchema
      .default({ kind: 'cognito' })
      .describe('Who signs in to the page and the api, where there is a page'),
    pageDomain: z
      .strictObject({
        name: z
          .string()
          .regex(/^[a-z0-9-]+(\.[a-z0-9-]+)+$/)
          .describe('Name of yours; point its DNS at the distribution'),
        certificateArn: z
          .string()
          .regex(/^arn:aws:acm:us-east-1:\d{12}:certificate\/[\w-]+$/)
          .describe('Its certificate in us-east-1, as CloudFront wants it'),
      })
      .optional()
      .describe('Name of the page; default: CloudFront’s own, which can’t be limited to TLS 1.2'),
    pagePriceClass: z
      .enum(['PriceClass_100', 'PriceClass_200', 'PriceClass_All'])
      .default('PriceClass_100')
      .describe('From where CloudFront answers; the fewer continents, the cheaper'),
    footageKeys: z
      .array(publicKey)
      .min(1)
      .max(2)
      .optional()
      .describe('Public keys whose cookies play footage: one, or two while it is being rotated'),
    apiRequestsPerSecond: z
      .number()
      .int()
      .min(1)
      .max(10_000)
      .default(50)
      .describe('Requests that the api answers at most (requests a second)'),
    isProtected: z
      .boolean()
      .default(false)
      .describe('Table and buckets can’t be deleted without a change of this'),
    isPaused: z
      .boolean()
      .default(false)
      .describe('Intake stops; what lands waits in its queue, four days at most'),
    isTraced: z
      .boolean()
      .default(false)
      .describe(
        'Whether X-Ray traces the functions: the first request of a second and 5 % of the rest, a share that AWS lets nobody set',
      ),
  })
  .refine(
    ({ analytics, acknowledgesLiveAnalyticsClosed }) =>
      analytics !== 'live-analytics' || acknowledgesLiveAnalyticsClosed,
    {
      path: ['analytics'],
      error:
        'AWS closed LiveAnalytics to new accounts on 2025-06-20; write "influxdb", or set acknowledgesLiveAnalyticsClosed: true if this account had it before',
    },
  )
  .refine(({ analytics, hasLiveRollUps }) => !hasLiveRollUps || analytics === 'live-analytics', {
    path: ['hasLiveRollUps'],
    error: 'expected false without analytics: "live-analytics"; the others need no scheduled query',
  })
  .refine(({ page, footageKeys }) => page === 'none' || footageKeys !== undefined, {
    path: ['footageKeys'],
    error:
      'a page plays footage by signed cookies: make a key with "openssl genrsa -out key.pem 2048" and write the public half, "openssl rsa -in key.pem -pubout"',
  })
  .refine(({ page, existingFootageBucket }) => page === 'none' || !existingFootageBucket, {
    path: ['page'],
    error:
      'expected "none" with existingFootageBucket: only your own bucket policy can let CloudFront read it',
  })
  .refine(({ provisionedConcurrency: warm }) => isNoObject(warm) || warm.min <= warm.max, {
    path: ['provisionedConcurrency', 'min'],
    error: 'expected at most provisionedConcurrency.max',
  })
  .refine(
    ({ provisionedConcurrency: warm, detectMaxConcurrency }) =>
      isNoObject(warm) || warm.max <= detectMaxConcurrency,
    {
      path: ['provisionedConcurrency', 'max'],
      error: 'expected at most detectMaxConcurrency',
    },
  )
  .refine(
    ({ provisionedConcurrency: warm, detectMaxConcurrency }) =>
      isNoObject(warm) || warm.schedules.every(({ max }) => max <= detectMaxConcurrency),
    {
      path: ['provisionedConcurrency', 'schedules'],
      error: 'expected each max to be at most detectMaxConcurrency',
    },
  )
  .refine(({ gpu }) => !gpu || gpu.minInstances <= gpu.maxInstances, {
    path: ['gpu', 'minInstances'],
    error: 'expected at most gpu.maxInstances',
  })
  .refine(({ gpu }) => gpu?.lane !== 'auto' || gpu.power === undefined, {
    path: ['gpu', 'power'],
    error: 'expected none with lane: auto, which starts and stops the endpoint itself',
  })
  .refine(({ maxWarm, detectMaxConcurrency }) => maxWarm <= detectMaxConcurrency, {
    path: ['maxWarm'],
    error: 'expected at most detectMaxConcurrency',
  });
export type InfraConfig = z.infer<typeof infraConfigSchema>;

function isNoObject(warm: WarmEnvironments | 'none' | undefined): warm is 'none' | undefined {
  return warm === undefined || warm === 'none';
}
