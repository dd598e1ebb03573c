import { describe, expect, it } from 'vitest';
import { parseFleet } from '../../core/fleet/parse';
import { infraConfigSchema } from '../../core/infra-config';
import { type Account, checkAccount } from '../../infra/account';

const REPOSITORY = '123456789012.dkr.ecr.eu-central-1.amazonaws.com/tierwatch';
const GIVEN = {
  owner: 'a',
  fleet: 'f',
  budgetUsdPerMonth: 1,
  budgetEmails: ['a@example.com'],
};
const GPU = {
  image: `${REPOSITORY}-endpoint:v1`,
  schedules: [{ cron: 'cron(0 7 ? * * *)', timezone: 'UTC', min: 1, max: 1 }],
};

/** An account that runs 300 functions and two endpoints on one type, and has one image. */
const ACCOUNT: Account = {
  concurrency: async () => 300,
  endpointInstances: async (type) => (type === 'ml.g4dn.xlarge' ? 2 : 0),
  image: async (uri) => {
    if (!uri.endsWith(':v1')) throw new Error('no matching image\nstack');
  },
};

/** By day its camera is looked at oftener. */
const BUSY_BY_DAY = `
defaults: { tier: low }
sites:
  mall: { timezone: UTC, schedule: [{ between: "07:00-19:30", days: mon-sat, tier: steady }] }
cameras: { mall/door: {} }`;

async function problemsOf(change: object, fleet = 'cameras: { site/door: {} }'): Promise<string[]> {
  const config = infraConfigSchema.parse({ ...GIVEN, ...change });
  try {
    await checkAccount(
      { environment: 'dev', config, fleet: parseFleet('fleet.yaml', fleet) },
      ACCOUNT,
    );
    return [];
  } catch (error) {
    const [first, ...lines] = (error as Error).message.split('\n');
    expect(first).toBe('Pulumi.dev.yaml: nothing was created; the account says');
    return lines.map((line) => line.trim());
  }
}

describe('what an account is asked before anything is created', () => {
  it.each([
    ['no more functions at once than it runs', { detectMaxConcurrency: 300 }],
    ['no more reserved than it lends', { detectMaxConcurrency: 200, isConcurrencyReserved: true }],
    ['an image that is there', { image: `${REPOSITORY}:v1` }],
    ['an image that lies elsewhere', { image: 'registry.example.com/tierwatch:v9' }],
    ['endpoints that it may run', { gpu: GPU }],
  ])('passes: %s', async (_, change) => {
    expect(await problemsOf(change)).toEqual([]);
  });

  it('names each key, what was found and what to write, all at once', async () => {
    expect(
      await problemsOf({
        detectMaxConcurrency: 301,
        image: `${REPOSITORY}:gone`,
        gpu: { ...GPU, image: `${REPOSITORY}-endpoint@sha256:${'a'.repeat(64)}`, maxInstances: 3 },
      }),
    ).toEqual([
      'tierwatch:detectMaxConcurrency: expected at most 300, what this account may run at once, found 301; write less, or ask AWS for more: Service Quotas, Lambda, "Concurrent executions"',
      'tierwatch:gpu.instanceType: expected 3 of "ml.g4dn.xlarge" (gpu.maxInstances), found that this account may run 2 in this region; write another type or fewer, or ask AWS for more: Service Quotas, SageMaker, "ml.g4dn.xlarge for endpoint usage"',
      `tierwatch:image: expected an image of ECR, found none by "${REPOSITORY}:gone" (no matching image); push it, or name one that is there`,
      `tierwatch:gpu.image: expected an image of ECR, found none by "${REPOSITORY}-endpoint@sha256:${'a'.repeat(64)}" (no matching image); push it, or name one that is there`,
    ]);
  });

  it('leaves 100 to functions that reserve none, and knows a region without the instance type', async () => {
    expect(
      await problemsOf({
        detectMaxConcurrency: 201,
        isConcurrencyReserved: true,
        gpu: { ...GPU, instanceType: 'ml.g6.xlarge' },
      }),
    ).toEqual([
      'tierwatch:detectMaxConcurrency: expected at most 200, what this account may run at once (100 of 300 stay unreserved), found 201; write less, or ask AWS for more: Service Quotas, Lambda, "Concurrent executions"',
      'tierwatch:gpu.instanceType: expected 2 of "ml.g6.xlarge" (gpu.maxInstances), found that this account may run 0 in this region; write another type or fewer, or ask AWS for more: Service Quotas, SageMaker, "ml.g6.xlarge for endpoint usage"',
    ]);
  });

  const warm = { min: 0, max: 200, schedules: [] };
  const hours = [{ cron: 'cron(0 7 ? * * *)', timezone: 'UTC', min: 0, max: 201 }];
  it.each([
    [
      'what is set',
      { provisionedConcurrency: { ...warm, max: 201 } },
      '',
      /^tierwatch:provisionedConcurrency: expected at most 200 warm .* \(100 of 300 .*, found 201;/,
    ],
    [
      'what an hour sets',
      { provisionedConcurrency: { ...warm, schedules: hours } },
      '',
      /^tierwatch:provisionedConcurrency: expected at most 200 warm .*, found 201;/,
    ],
    ['what the fleet’s hours need', { maxWarm: 201 }, BUSY_BY_DAY, /^tierwatch:maxWarm: .* 201;/],
  ])('refuses more warm environments than it lends: %s', async (_, change, fleet, expected) => {
    const all = { detectMaxConcurrency: 300, ...change };
    expect(await problemsOf(all, fleet || undefined)).toEqual([expect.stringMatching(expected)]);
  });

  it.each([
    ['as many as it lends', { provisionedConcurrency: warm }, ''],
    ['a bound that no hour of the fleet comes to', { maxWarm: 201 }, ''],
    ['none', { maxWarm: 201, provisionedConcurrency: 'none' }, BUSY_BY_DAY],
  ])('passes warm environments: %s', async (_, change, fleet) => {
    const all = { detectMaxConcurrency: 300, ...change };
    expect(await problemsOf(all, fleet || undefined)).toEqual([]);
  });

  it('keeps what is warm inside what is reserved: both are not taken out of the account', async () => {
    const change = { isConcurrencyReserved: true, provisionedConcurrency: warm };
    expect(await problemsOf({ detectMaxConcurrency: 200, ...change })).toEqual([]);
    const { error } = infraConfigSchema.safeParse({
      ...{ ...GIVEN, ...change, detectMaxConcurrency: 200 },
      provisionedConcurrency: { ...warm, schedules: hours },
    });
    expect(error?.issues.map(({ path, message }) => [path.join('.'), message])).toEqual([
      [
        'provisionedConcurrency.schedules.0.max',
        'expected at most detectMaxConcurrency (200), found 201; lower it, or raise detectMaxConcurrency',
      ],
    ]);
  });
});
