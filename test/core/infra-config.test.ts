import { describe, expect, it } from 'vitest';
import { infraConfigSchema } from '../../core/infra-config';
import { infraConfigProblems } from '../../core/infra-config/problems';

const RIGHT = {
  owner: 'platform',
  fleet: 'fleet/dev.yaml',
  budgetUsdPerMonth: 20,
  budgetEmails: ['a@example.com'],
};
const HOURS = { cron: 'cron(0 7 ? * * *)', timezone: 'Europe/Berlin', min: 1, max: 1 };
const GPU = {
  image: '123456789012.dkr.ecr.us-east-1.amazonaws.com/tierwatch-endpoint:v1',
  schedules: [HOURS],
};
const warm = (change: object) => ({ provisionedConcurrency: { min: 1, max: 2, ...change } });
const gpu = (change: object) => ({ gpu: { ...GPU, ...change } });

/** A key's value, and what is said of it. */
const MISTAKES: readonly (readonly [change: object, message: string])[] = [
  [{ owner: undefined }, 'owner: expected a text, found nothing'],
  [{ owner: '' }, 'owner: expected at least 1 character, found ""'],
  [{ owner: 7 }, 'owner: expected a text, found 7'],
  [{ budgetUsdPerMonth: -20 }, 'budgetUsdPerMonth: expected more than 0, found -20'],
  [{ budgetUsdPerMonth: '20 $' }, 'budgetUsdPerMonth: expected a number, found "20 $"'],
  [{ budgetEmails: [] }, 'budgetEmails: expected at least 1 entry, found a list of 0'],
  [{ budgetEmails: ['ops'] }, 'budgetEmails.0: expected an e-mail address, found "ops"'],
  [{ detectMaxConcurrency: 5000 }, 'detectMaxConcurrency: expected at most 1000, found 5000'],
  [{ detectMaxConcurrency: 2.5 }, 'detectMaxConcurrency: expected a whole number, found 2.5'],
  [{ architecture: 'arm' }, 'architecture: expected one of x86_64, arm64, found "arm"'],
  [{ isPaused: 'yes' }, 'isPaused: expected true or false, found "yes"'],
  [{ logRetentionDays: 31 }, 'logRetentionDays: expected one of 7, 14, 30, 60, 90, found 31'],
  [
    { image: 'https://registry.example.com/tierwatch' },
    'image: expected the URI of an image, such as 123456789012.dkr.ecr.eu-central-1.amazonaws.com/tierwatch:v1, found "https://registry.example.com/tierwatch"',
  ],
  [
    { existingFootageBucket: 'Footage' },
    'existingFootageBucket: expected the name of a bucket: 3 to 63 of a-z, 0-9, "." and "-", found "Footage"',
  ],
  [
    { colour: 'red' },
    `colour: unknown key "colour"; expected one of ${Object.keys(infraConfigSchema.shape).join(', ')}`,
  ],
  [{ ownr: 'me' }, 'ownr: unknown key "ownr"; did you mean "owner"?'],
  [
    gpu({ instance: 'x' }),
    expect.stringMatching(
      /^gpu.instance: unknown key "instance"; expected one of image, instanceType, /,
    ),
  ],
  [
    gpu({ instanceType: 'ml.p4d.24xlarge' }),
    'gpu.instanceType: expected one of ml.g4dn.xlarge, ml.g5.xlarge, ml.g6.xlarge, found "ml.p4d.24xlarge"',
  ],
  [
    gpu({ image: 'tierwatch:v1' }),
    'gpu.image: expected the URI of an image in ECR, such as 123456789012.dkr.ecr.eu-central-1.amazonaws.com/tierwatch-endpoint:v1, found "tierwatch:v1"',
  ],
  [gpu({ schedules: [] }), 'gpu.schedules: expected at least 1 entry, found a list of 0'],
  [
    gpu({ schedules: [{ ...HOURS, timezone: 'Europe/Berln' }] }),
    'gpu.schedules.0.timezone: expected an IANA time zone, such as Europe/Berlin, found "Europe/Berln"',
  ],
  [
    gpu({ schedules: [{ ...HOURS, cron: '0 7 * * *' }] }),
    'gpu.schedules.0.cron: expected a time as AWS writes it, such as "cron(0 7 ? * MON-SAT *)", found "0 7 * * *"',
  ],
  [
    gpu({ power: 'night' }),
    'gpu.power: expected "fleet" or { start, stop, timezone }, found "night"',
  ],
  [
    gpu({ power: { start: HOURS.cron, stop: HOURS.cron } }),
    'gpu.power.timezone: expected a text, found nothing',
  ],
  [
    gpu({ model: 's3://models/high' }),
    'gpu.model: expected an archive in S3, such as s3://YOUR-MODELS/high.tar.gz, found "s3://models/high"',
  ],
  [
    { provisionedConcurrency: 'some' },
    'provisionedConcurrency: expected "none" or { min, max, targetRatio, schedules }, found "some"',
  ],
  [warm({ targetRatio: 1 }), 'provisionedConcurrency.targetRatio: expected at most 0.9, found 1'],
  [
    { signIn: { kind: 'ldap' } },
    'signIn.kind: expected { kind: cognito }, or { kind: issuer, issuer, audience }, found a mapping',
  ],
  [
    { signIn: { kind: 'issuer', issuer: 'http://id.example.com', audience: 'a' } },
    'signIn.issuer: expected an address that begins with https://, found "http://id.example.com"',
  ],
  [
    { footageKeys: ['-----BEGIN PRIVATE KEY-----'] },
    'footageKeys.0: expected a public key as PEM: openssl rsa -in key.pem -pubout, found "-----BEGIN PRIVATE KEY-----"',
  ],
  [
    { notify: { ops: { https: ['http://alerts.example.com'] } } },
    'notify.ops.https.0: expected an address that begins with https://, found "http://alerts.example.com"',
  ],
];

/** Keys that are right by themselves, and what is wrong between them. */
const CONTRADICTIONS: readonly (readonly [change: object, message: string])[] = [
  [
    { analytics: 'live-analytics' },
    'analytics: expected "influxdb" or "none", found "live-analytics", which AWS closed to new accounts on 2025-06-20; write "influxdb", or set tierwatch:acknowledgesLiveAnalyticsClosed: true if this account had it before',
  ],
  [
    { hasLiveRollUps: true },
    'hasLiveRollUps: expected false with analytics "none", found true; take it away: only live-analytics has scheduled queries',
  ],
  [
    { page: 'cloudfront' },
    'footageKeys: expected a public key with page "cloudfront", found nothing: footage plays by signed cookies; make a key with "openssl genrsa -out key.pem 2048" and write its public half, "openssl rsa -in key.pem -pubout"',
  ],
  [
    { page: 'cloudfront', existingFootageBucket: 'theirs' },
    'page: expected "none" with existingFootageBucket, found "cloudfront"; write none: only your own bucket’s policy can let CloudFront read it',
  ],
  [
    { model: { bundle: 's3://models/a.tar.gz' } },
    'model.sha256: expected the sha256 of the archive, found nothing; write what "pulumi stack output model" told of it',
  ],
  [
    warm({ min: 3 }),
    'provisionedConcurrency.min: expected at most provisionedConcurrency.max (2), found 3; lower it, or raise provisionedConcurrency.max',
  ],
  [
    warm({ max: 51 }),
    'provisionedConcurrency.max: expected at most detectMaxConcurrency (50), found 51; lower it, or raise detectMaxConcurrency',
  ],
  [
    warm({ schedules: [HOURS, { ...HOURS, max: 51 }] }),
    'provisionedConcurrency.schedules.1.max: expected at most detectMaxConcurrency (50), found 51; lower it, or raise detectMaxConcurrency',
  ],
  [
    warm({ schedules: [{ ...HOURS, min: 2 }] }),
    'provisionedConcurrency.schedules.0.min: expected at most provisionedConcurrency.schedules.0.max (1), found 2; lower it, or raise provisionedConcurrency.schedules.0.max',
  ],
  [
    { maxWarm: 51 },
    'maxWarm: expected at most detectMaxConcurrency (50), found 51; lower it, or raise detectMaxConcurrency',
  ],
  [
    gpu({ minInstances: 3 }),
    'gpu.minInstances: expected at most gpu.maxInstances (2), found 3; lower it, or raise gpu.maxInstances',
  ],
  [
    gpu({ schedules: [{ ...HOURS, max: 40 }] }),
    'gpu.schedules.0.max: expected at most gpu.maxInstances (2), found 40; lower it, or raise gpu.maxInstances',
  ],
  [
    gpu({ lane: 'auto', power: 'fleet' }),
    'gpu.power: expected none with lane: auto, which starts and stops the endpoint itself, found some; take power away, or write lane: on',
  ],
];

describe('a configuration', () => {
  it('that is right has no problems', () => {
    expect(infraConfigProblems(RIGHT)).toEqual([]);
    expect(infraConfigProblems({ ...RIGHT, ...gpu({}), ...warm({}) })).toEqual([]);
  });

  it.each(MISTAKES)('with %j is told', (change, message) => {
    expect(infraConfigProblems({ ...RIGHT, ...change })).toEqual([message]);
  });

  it.each(CONTRADICTIONS)('that contradicts itself by %j is told', (change, message) => {
    expect(infraConfigProblems({ ...RIGHT, ...change })).toEqual([message]);
    const { error } = infraConfigSchema.safeParse({ ...RIGHT, ...change });
    expect(error?.issues.map((one) => `${one.path.join('.')}: ${one.message}`)).toEqual([message]);
  });

  it('is told all its mistakes at once, also what contradicts beside what is wrong by itself', () => {
    const all = {
      ...RIGHT,
      ...{ owner: 7, colr: 'red', budgetUsdPerMonth: -1, maxWarm: 51, analytics: 'live-analytics' },
      ...gpu({ minInstances: 3 }),
    };
    expect(infraConfigProblems(all).map((line) => line.split(':')[0])).toEqual([
      'owner',
      'budgetUsdPerMonth',
      'colr',
      'analytics',
      'maxWarm',
      'gpu.minInstances',
    ]);
  });
});
