import { afterEach, beforeEach, expect, it } from 'vitest';
import { createAnalyticsSetup } from '../../handlers/analytics-setup';
import { ADMIN, Influx2StandIn } from './influx2-stand-in';
import { RecordingTelemetry } from './world';

let influx: Influx2StandIn;
let endpoint: string;
let secrets: Map<string, string>;
beforeEach(async () => {
  influx = new Influx2StandIn();
  endpoint = await influx.start();
  secrets = new Map([['admin', JSON.stringify(ADMIN)]]);
});
afterEach(() => influx.stop());

const setup = (retentionDays = 400) =>
  createAnalyticsSetup({
    endpoint,
    database: 'tierwatch',
    retentionDays,
    secrets: {
      read: async (id) => secrets.get(id) ?? null,
      write: async (id, text) => void secrets.set(id, text),
    },
    adminSecret: 'admin',
    writeSecret: 'write',
    readSecret: 'read',
    telemetry: new RecordingTelemetry(),
    waiting: { everyMs: 1, forMs: 1000 },
  })();

it('makes the bucket, its v1 database and a token each, all that each may do', async () => {
  expect(await setup()).toEqual(['token to write', 'token to read']);
  const [bucket] = influx.buckets;
  expect(bucket).toMatchObject({
    name: 'tierwatch',
    retentionRules: [{ type: 'expire', everySeconds: 400 * 86_400 }],
  });
  expect(influx.mappings).toMatchObject([
    { bucketID: bucket!.id, database: 'tierwatch', default: true },
  ]);
  const granted = influx.authorizations.map(({ token, permissions }) => ({ token, permissions }));
  const of = (action: string) => [
    { action, resource: { type: 'buckets', id: bucket!.id, orgID: 'org1' } },
  ];
  const tokenIn = (id: string): string => JSON.parse(secrets.get(id)!).token;
  expect(granted).toEqual([
    { token: tokenIn('write'), permissions: of('write') },
    { token: tokenIn('read'), permissions: of('read') },
  ]);
});

it('changes nothing the second time, and only what differs the third', async () => {
  await setup();
  const before = [structuredClone(influx.authorizations), new Map(secrets)];
  expect(await setup()).toEqual([]);
  expect([influx.authorizations, secrets]).toEqual(before);
  secrets.set('read', '{"token":"somebody else’s"}');
  expect(await setup(30)).toEqual(['token to read']);
  expect(influx.buckets[0]!.retentionRules[0]!.everySeconds).toBe(30 * 86_400);
  expect(influx.authorizations).toHaveLength(2);
  expect(influx.mappings).toHaveLength(1);
});

it('waits for an instance that still starts, and gives up with a sentence', async () => {
  influx.startsAfter = 3;
  expect(await setup()).toHaveLength(2);
  influx.startsAfter = Number.POSITIVE_INFINITY;
  await expect(setup()).rejects.toMatchObject({
    code: 'influx-unavailable',
    message: expect.stringContaining('503 to /api/v2/signin'),
  });
});

it('says nothing of a password or token in what it throws', async () => {
  secrets.set('admin', JSON.stringify({ ...ADMIN, password: 'wrong-password' }));
  const refused = setup();
  await expect(refused).rejects.toMatchObject({ code: 'influx-unavailable' });
  await refused.catch((error: Error) => expect(error.message).not.toContain('password'));
  secrets.delete('admin');
  await expect(setup()).rejects.toMatchObject({ code: 'influx-token' });
});
