import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { DynamoAlerts } from '../../../adapters/aws/dynamo-alerts';
import { SqsQueue } from '../../../adapters/aws/sqs-queue';
import { ENVIRONMENT } from '../../../core/environment';
import type { Permission, ResourceName } from '../../../core/permissions';
import { FUNCTION_ACCESS, type FunctionName } from '../../../handlers/all.permissions';
import { packModel } from '../../../infra/model-archive';
import { alertAt } from '../../contracts/records';
import { ACCOUNT, type Moto, REGION, startMoto } from './moto';
import { LOBBY_BYTES, type MadeRoad, makeRoad, openFunctions } from './road';
import { createBucket } from './world';

interface Keys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** Who the clients that are made next act as, which calls of the functions were denied, and how many are under way. */
const acting = vi.hoisted(() => ({
  as: null as unknown,
  isFunction: false,
  denied: [] as string[],
  underWay: 0,
}));
vi.mock('../../../adapters/aws/clients', async (importOriginal) => {
  const original = await importOriginal<typeof import('../../../adapters/aws/clients')>();
  const watch = (next: (given: unknown) => Promise<unknown>, context: { commandName?: string }) =>
    async function hear(given: unknown): Promise<unknown> {
      acting.underWay++;
      try {
        return await next(given);
      } catch (error) {
        // Denials of JSON services have odd names: the status tells.
        const { $metadata } = error as { $metadata?: { httpStatusCode?: number } };
        if ($metadata?.httpStatusCode === 403) acting.denied.push(String(context.commandName));
        throw error;
      } finally {
        acting.underWay--;
      }
    };
  return {
    ...original,
    createClients: (options: Parameters<typeof original.createClients>[0]) => {
      const clients = original.createClients({ ...options, maxAttempts: 1 });
      for (const client of Object.values(clients)) {
        client.config.credentials = (() => {
          const keys = acting.as as Keys;
          return async () => keys;
        })();
        if (acting.isFunction) {
          client.middlewareStack.add(watch as never, { step: 'initialize', priority: 'low' });
        }
      }
      return clients;
    },
  };
});

const ROLE = 'verify-function';
/** Retention is left out: moto denies DeleteObjects whatever a policy says. */
const JUDGED = ['route', 'detect-cpu', 'alerts'] as const;
/** Where moto denies what IAM allows, or looks at no ARN: the calls there are proven by permissions.test.ts. */
const FALSELY_DENIED = ['dynamodb', 'sqs', 'sns', 'firehose'] as const;

const MODEL_KEY = 'model.tar.gz';

let moto: Moto;
let road: MadeRoad;
/** A bucket of its own: what may be read of the fleet's says nothing of it. */
let modelsBucket: string;
/** Where functions unpack their model. */
let unpacked: string;
let functions: Awaited<ReturnType<typeof openFunctions>>;

/** A call of IAM or STS, as the SDK's query protocol has it; authorisation is off meanwhile. */
async function query(service: 'iam' | 'sts', parameters: Record<string, string>): Promise<string> {
  await setAuthorisation('inf');
  const response = await fetch(moto.endpoint, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      authorization: `AWS4-HMAC-SHA256 Credential=test/20261120/${REGION}/${service}/aws4_request, SignedHeaders=host, Signature=0`,
    },
    body: new URLSearchParams(parameters),
  });
  const text = await response.text();
  await setAuthorisation('0');
  if (!response.ok) throw new Error(`${parameters.Action}: ${response.status} ${text}`);
  return text;
}

/** @param callsUnchecked `0`: every call is checked; `inf`: none */
async function setAuthorisation(callsUnchecked: '0' | 'inf'): Promise<void> {
  const headers = { 'content-type': 'text/plain' };
  const body = callsUnchecked;
  await fetch(`${moto.endpoint}/moto-api/reset-auth`, { method: 'POST', headers, body });
}

function keysOf(xml: string): Keys {
  const find = (name: string): string => new RegExp(`<${name}>([^<]+)<`).exec(xml)![1]!;
  const sessionToken = xml.includes('SessionToken') ? { sessionToken: find('SessionToken') } : {};
  return {
    accessKeyId: find('AccessKeyId'),
    secretAccessKey: find('SecretAccessKey'),
    ...sessionToken,
  };
}

interface Grant {
  readonly action: string;
  readonly resource: ResourceName;
}

function s3GrantsOf(name: FunctionName): Grant[] {
  const permissions: readonly Permission[] = FUNCTION_ACCESS[name].permissions;
  return permissions.flatMap(({ actions, resource }) =>
    actions.filter((one) => one.startsWith('s3:')).map((action) => ({ action, resource })),
  );
}

/** The role from now on: these grants on S3, and whatever moto can't judge. */
async function allow(grants: readonly Grant[]): Promise<void> {
  const arn = (bucket: string, after = ''): string => `arn:aws:s3:::${bucket}${after}`;
  const arns: Partial<Record<ResourceName, string>> = {
    footageBucket: arn(road.footageBucket),
    footageObjects: arn(road.footageBucket, '/*'),
    footageVersions: arn(road.footageBucket, '/*'),
    quarantineObjects: arn(road.quarantineBucket, '/*'),
    snapshotObjects: arn(road.snapshotsBucket, '/*'),
    configObjects: arn(road.configBucket, '/*'),
    modelArchive: arn(modelsBucket, `/${MODEL_KEY}`),
  };
  const Statement = [
    ...grants.map(({ action, resource }) => ({
      Effect: 'Allow',
      Action: action,
      Resource: arns[resource],
    })),
    { Effect: 'Allow', Action: FALSELY_DENIED.map((service) => `${service}:*`), Resource: '*' },
  ];
  const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement });
  const names = { RoleName: ROLE, PolicyName: 'declared', Version: '2010-05-08' };
  await query('iam', { Action: 'PutRolePolicy', ...names, PolicyDocument });
}

beforeAll(async () => {
  moto = await startMoto();
  const Version = '2010-05-08';
  const PolicyDocument = JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }],
  });
  await query('iam', { Action: 'CreateUser', UserName: 'driver', Version });
  const all = { UserName: 'driver', PolicyName: 'all', PolicyDocument };
  await query('iam', { Action: 'PutUserPolicy', ...all, Version });
  acting.as = keysOf(
    await query('iam', { Action: 'CreateAccessKey', UserName: 'driver', Version }),
  );
  road = await makeRoad(moto.endpoint);
  unpacked = mkdtempSync(join(tmpdir(), 'tierwatch-authorised-'));
  process.env.TMPDIR = unpacked;
  await putModel();
  const AssumeRolePolicyDocument = JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: '*', Action: 'sts:AssumeRole' }],
  });
  await query('iam', { Action: 'CreateRole', RoleName: ROLE, AssumeRolePolicyDocument, Version });
  acting.as = keysOf(
    await query('sts', {
      Action: 'AssumeRole',
      RoleArn: `arn:aws:iam::${ACCOUNT}:role/${ROLE}`,
      RoleSessionName: 'verify',
      Version: '2011-06-15',
    }),
  );
  acting.isFunction = true;
});
afterAll(async () => {
  await moto.stop();
  rmSync(unpacked, { recursive: true });
});

/** The default model as an archive of S3, which the functions are told of. */
async function putModel(): Promise<void> {
  modelsBucket = await createBucket(road.clients);
  const { file, sha256 } = packModel(join(__dirname, '../../../model-build/default'), unpacked);
  const Body = readFileSync(file);
  await road.clients.s3.send(new PutObjectCommand({ Bucket: modelsBucket, Key: MODEL_KEY, Body }));
  Object.assign(road.variables, {
    [ENVIRONMENT.modelArchive]: `s3://${modelsBucket}/${MODEL_KEY}`,
    [ENVIRONMENT.modelSha256]: sha256,
  });
}

let hour = 0;
const land = (Key: string, Body: string | Uint8Array) =>
  road.clients.s3.send(new PutObjectCommand({ Bucket: road.footageBucket, Key, Body }));

/** Announces an object by its version: moto's own notifications lack it. */
async function announce(key: string, versionId: string): Promise<void> {
  const s3 = { bucket: { name: road.footageBucket }, object: { key, versionId } };
  const Records = [{ eventName: 'ObjectCreated:Put', s3 }];
  await new SqsQueue(road.clients.sqs, road.landed).send([{ body: { Records } }]);
}

/** Leaves nothing in the queues. */
async function drain(): Promise<void> {
  for (const made of [road.landed, road.cpu]) {
    const queue = new SqsQueue(road.clients.sqs, made);
    const left = await queue.receive({ max: 10, visibilitySeconds: 60 });
    await queue.acknowledge(left.map(({ receiptHandle }) => receiptHandle));
  }
}

/** What makes a function call S3 in every way that it ever does: by ETag, by version, quarantine. */
const PREPARED: Readonly<Record<(typeof JUDGED)[number], () => Promise<void>>> = {
  route: async () => {
    const at = String(++hour % 24).padStart(2, '0');
    await land(`cctv/lobby/20261102-${at}0000.mp4`, LOBBY_BYTES);
    await land(`notes-${hour}.mp4`, 'x');
    const key = `cctv/lobby/20261102-${at}3000.mp4`;
    const { VersionId } = await land(key, LOBBY_BYTES);
    await announce(key, VersionId!);
  },
  'detect-cpu': async () => {
    const at = String(++hour % 24).padStart(2, '0');
    await land(`harbour-depot/lobby/20261102T${at}0000Z_60s.mp4`, LOBBY_BYTES);
    await land(`harbour-depot/gate/20261102T${at}0000Z_60s.mp4`, 'not a video');
    const key = `harbour-depot/attic/20261102T${at}0000Z_60s.mp4`;
    const { VersionId } = await land(key, LOBBY_BYTES);
    const landed = new SqsQueue(road.clients.sqs, road.landed);
    const [, , own] = await landed.receive({ max: 10, visibilitySeconds: 0 });
    await landed.acknowledge(own ? [own.receiptHandle] : []);
    await announce(key, VersionId!);
    await allow(s3GrantsOf('route'));
    await functions.route.poll();
  },
  alerts: async () => {
    const stale = alertAt(++hour, { createdAt: '2026-11-01T00:00:00.000Z' });
    await new DynamoAlerts(road.table, road.clients.dynamo).createAlert(stale);
  },
};

/** Operations that were denied while a function with these grants walks its paths. */
async function deniedWith(
  name: (typeof JUDGED)[number],
  grants: readonly Grant[],
): Promise<string[]> {
  await drain();
  // A function that starts anew has read no fleet yet, and asks for its model at once.
  vi.resetModules();
  await allow(grants);
  functions = await openFunctions(road);
  await vi.waitUntil(() => acting.underWay === 0, { timeout: 60_000 });
  await PREPARED[name]();
  await allow(grants);
  acting.denied = [];
  if (name === 'route') await functions.route.poll();
  else if (name === 'detect-cpu') await functions.detectCpu.poll();
  else await functions.alerts().catch(() => {});
  return acting.denied;
}

describe.each(JUDGED)('under its own role in moto, %s', (name) => {
  let needed = 0;
  afterAll(() => {
    const all = s3GrantsOf(name).length;
    console.log(
      `shown: ${name} under its own role in moto: ${needed} of ${all} grants on S3 needed`,
    );
  });

  it('is denied nothing with what it declares', async () => {
    expect(await deniedWith(name, s3GrantsOf(name))).toEqual([]);
  });

  it.each(s3GrantsOf(name))('is denied without $action on $resource', async (taken) => {
    const rest = s3GrantsOf(name).filter(
      ({ action, resource }) => action !== taken.action || resource !== taken.resource,
    );
    expect(await deniedWith(name, rest)).not.toEqual([]);
    needed++;
  });
});
