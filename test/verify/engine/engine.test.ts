import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fleetObjectsUrn } from '../../../infra/fleet-objects';
import { EngineWorkspace, type Finished } from './engine';
import { SPOILED, SPOILED_GPU } from './spoiled';

const ENVIRONMENTS = ['dev', 'staging', 'prod'] as const;

let workspace: EngineWorkspace;
beforeAll(() => {
  workspace = EngineWorkspace.open();
}, 600_000);
afterAll(() => workspace?.close());

const pulumi = (...values: string[]) => workspace.run(...values, '--non-interactive');
function judged(environment: string, ...values: string[]): Finished {
  const pack = ['--policy-pack', 'policies', '--policy-pack-config'];
  return pulumi(...values, '--stack', environment, ...pack, `policies/${environment}.json`);
}

describe.each(ENVIRONMENTS)(
  'pulumi up of %s with the policy pack, by the real engine',
  (environment) => {
    it('creates everything and changes nothing the second time; no rule is broken, and none left unjudged', () => {
      workspace.init(environment);
      // Nothing is there yet, so hardly a value is known: rules wait for the update, and none alarms falsely.
      const planned = judged(environment, 'preview');
      expect([planned.status, planned.text]).toEqual([
        0,
        expect.stringMatching(/\+ \d{3} to create/),
      ]);
      expect(planned.text).toMatch(/can't run policy 'role-equals-declaration'/);
      expect(planned.text).not.toMatch(/\[mandatory\]/);
      const first = judged(environment, 'up', '--yes', '--skip-preview');
      expect([first.status, first.text]).toEqual([0, expect.stringMatching(/\+ \d{3} created/)]);
      expect(first.text).not.toMatch(/\[mandatory\]|can't run/);
      const second = judged(environment, 'preview', '--expect-no-changes');
      expect([second.status, second.text]).toEqual([0, expect.stringMatching(/\d{3} unchanged/)]);
      expect(second.text).not.toMatch(/can't run/);
    });
  },
);

/** A preview of prod fails by a rule, with its message, where a line of the program is another. */
function expectRefused([file, from, to, message]: (typeof SPOILED)[number]): void {
  const good = readFileSync(join(workspace.folder, file), 'utf8');
  workspace.edit(file, (text) => text.replaceAll(from, to));
  try {
    const { status, text } = judged('prod', 'preview');
    expect(status).not.toBe(0);
    expect(text).toContain(message);
    expect(text).toContain('[mandatory]');
  } finally {
    workspace.edit(file, () => good);
  }
}

it.each(SPOILED)('a preview of prod fails where %s says not "%s" but "%s"', (...spoiled) =>
  expectRefused(spoiled),
);

describe('prod with a gpu lane and a model of its own', () => {
  const CONFIG = `config:
  tierwatch:model: { bundle: model-build/default }
  tierwatch:gpu:
    image: 123456789012.dkr.ecr.us-east-1.amazonaws.com/tierwatch-endpoint:v1
    maxInstances: 4
    schedules:
      - { cron: "cron(0 7 ? * * *)", timezone: Australia/Melbourne, min: 1, max: 4 }
      - { cron: "cron(0 19 ? * * *)", timezone: Australia/Melbourne, min: 1, max: 1 }
    async: {}
`;

  it('comes up under every rule, and a second up changes nothing', () => {
    workspace.edit('Pulumi.prod.yaml', (text) => text.replace(/^config:\n/m, CONFIG));
    const first = judged('prod', 'up', '--yes', '--skip-preview');
    expect([first.status, first.text]).toEqual([0, expect.stringMatching(/\+ \d+ created/)]);
    expect(first.text).not.toMatch(/\[mandatory\]|can't run/);
    expect(first.text).toMatch(/aws:s3:BucketObjectv2 .*models.* created/);
    const second = judged('prod', 'preview', '--expect-no-changes');
    expect([second.status, second.text]).toEqual([0, expect.stringMatching(/\d{3} unchanged/)]);
  });

  it.each(SPOILED_GPU)('fails where %s says not "%s" but "%s"', (...spoiled) =>
    expectRefused(spoiled),
  );
});

describe.each(ENVIRONMENTS)('%s, once it is there', (environment) => {
  const stack = ['--stack', environment];

  it('updates one object for one camera, and leaves nothing', () => {
    workspace.edit(`fleet/${environment}.yaml`, (text) =>
      text.replace(/^( {2}[\w-]+\/[\w-]+: *\n? *\{? *)?(tier: )(steady|high)/m, '$1$2low'),
    );
    // As `npm run fleet:up` does: the published fleet alone.
    const target = ['--target', fleetObjectsUrn(environment)];
    const moved = pulumi('up', '--yes', '--skip-preview', ...target, ...stack);
    expect([moved.status, moved.text]).toEqual([0, expect.stringMatching(/~ 1 updated/)]);
    expect(moved.text).toMatch(/~ +aws:s3:BucketObjectv2 .*shards\/[0-9a-f]{2}\.json\.gz updated/);
    expect(moved.text).not.toMatch(/created|deleted|replaced/);

    if (environment === 'prod') {
      // The table and the buckets stay: that needs a change of isProtected.
      const refused = pulumi('destroy', '--yes', '--skip-preview', ...stack);
      expect([refused.status === 0, refused.text]).toEqual([
        false,
        expect.stringMatching(/protect/),
      ]);
      pulumi('state', 'unprotect', '--all', '--yes', ...stack);
    }
    const destroyed = pulumi('destroy', '--yes', '--skip-preview', ...stack);
    expect([destroyed.status, destroyed.text]).toEqual([0, expect.stringMatching(/- \d+ deleted/)]);
    expect(pulumi('stack', 'export', ...stack).text).not.toMatch(/"urn:/);
  });
});

it('refuses what the account can’t give, by key, before anything is created', () => {
  const good = readFileSync(join(workspace.folder, 'Pulumi.dev.yaml'), 'utf8');
  workspace.edit('Pulumi.dev.yaml', (text) =>
    text
      .replace(/tierwatch:image: (.*):[\w-]+/, 'tierwatch:image: $1:gone')
      .replace(/tierwatch:detectMaxConcurrency: .*/, 'tierwatch:detectMaxConcurrency: 1000')
      .replace(/^config:\n/m, 'config:\n  tierwatch:isConcurrencyReserved: true\n'),
  );
  const { status, text } = pulumi('up', '--yes', '--skip-preview', '--stack', 'dev');
  workspace.edit('Pulumi.dev.yaml', () => good);
  expect(status).not.toBe(0);
  expect(text).toMatch(/Pulumi.dev.yaml: nothing was created; the account says/);
  expect(text).toMatch(/tierwatch:detectMaxConcurrency: expected at most 900, .* found 1000/);
  expect(text).toMatch(/tierwatch:image: expected an image of ECR, found none by ".*:gone"/);
  expect(text).not.toMatch(/\+ +aws:/);
});

it('refuses a configuration that is wrong with a sentence a key, before anything is created', () => {
  workspace.edit('Pulumi.dev.yaml', (text) =>
    text.replace(
      /tierwatch:budgetUsdPerMonth: .*/,
      'tierwatch:budgetUsdPerMonth: -20\n  tierwatch:colour: red',
    ),
  );
  // As a user runs it: Pulumi's loader checks the types of the whole program first.
  const { status, text } = workspace.runWithTypes(
    ...['up', '--yes', '--skip-preview', '--stack', 'dev', '--non-interactive'],
  );
  expect(status).not.toBe(0);
  expect(text).toMatch(/Pulumi.dev.yaml: nothing was created; correct/);
  expect(text).toMatch(/tierwatch:budgetUsdPerMonth: /);
  expect(text).toMatch(/"colour"/);
  expect(text).not.toMatch(/aws:/);
});
