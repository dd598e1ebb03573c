import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { DeleteCommand } from '@aws-sdk/lib-dynamodb';
import { beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { DynamoFailures } from '../../../adapters/aws/dynamo-failures';
import { S3Shelf } from '../../../adapters/aws/s3-shelf';
import { SqsQueue } from '../../../adapters/aws/sqs-queue';
import { type OpenedApi, openApi, sendForm } from './api';
import { LOBBY, LOBBY_BYTES, type MadeRoad, makeRoad, openFunctions } from './road';

/** What SQS was asked to move: moto can't. */
const moved = vi.hoisted((): unknown[] => []);
vi.mock('../../../adapters/aws/clients', async (importOriginal) => {
  const original = await importOriginal<typeof import('../../../adapters/aws/clients')>();
  const { answerMoves } = await import('./move-tasks');
  return {
    ...original,
    createClients: (options: Parameters<typeof original.createClients>[0]) => {
      const clients = original.createClients(options);
      answerMoves(clients.sqs, (input) => moved.push(input));
      return clients;
    },
  };
});

const PERIOD = 'since=2026-11-02T00:00:00Z&until=2026-11-03T00:00:00Z';
const ALL = '[all]';
const OWN = '[site:harbour-depot]';
const OTHER = '[site:north-mall]';

let road: MadeRoad;
let functions: Awaited<ReturnType<typeof openFunctions>>;
let api: OpenedApi;
beforeAll(async () => {
  const endpoint = inject('motoEndpoint');
  road = await makeRoad(endpoint);
  functions = await openFunctions(road);
  await road.clients.s3.send(
    new PutObjectCommand({ Bucket: road.footageBucket, Key: LOBBY, Body: LOBBY_BYTES }),
  );
  await functions.route.poll();
  await functions.detectCpu.poll();
  api = await openApi(endpoint, road);
});

const jsonOf = async (groups: string | null, path: string, body?: unknown) => {
  const { status, text } = await api.ask(groups, path, body);
  return [status, JSON.parse(text)] as const;
};

describe('the api’s function on DynamoDB and S3', () => {
  it('shows the cameras of the fleet and what was analysed to who may see the site', async () => {
    const [status, { cameras }] = await jsonOf(OWN, '/api/cameras');
    expect([status, cameras.map(({ camera }: { camera: string }) => camera)]).toEqual([
      200,
      ['harbour-depot/lobby', 'harbour-depot/yard'],
    ]);
    const [, { segments }] = await jsonOf(OWN, `/api/segments?${PERIOD}`);
    expect(segments).toMatchObject([{ segmentKey: LOBBY, tier: 'steady' }]);
    const [, { events }] = await jsonOf(OWN, `/api/events?${PERIOD}`);
    expect(events[0]).toMatchObject({ camera: 'harbour-depot/lobby', className: 'person' });
    const picture = await api.ask(OWN, `/api/snapshots/${events[0].snapshotKey}`);
    expect([picture.status, picture.headers['content-type']]).toEqual([200, 'image/jpeg']);
    expect(Buffer.from(picture.text, 'base64').subarray(0, 2).toString('hex')).toBe('ffd8');
  });

  it('shows none of it to who may see another site, or none', async () => {
    for (const groups of [OTHER, '']) {
      for (const path of ['/api/cameras', `/api/segments?${PERIOD}`, `/api/events?${PERIOD}`]) {
        expect((await api.ask(groups, path)).text).not.toMatch(/harbour-depot/);
      }
      const [status, { code }] = await jsonOf(groups, `/api/footage/${LOBBY}`);
      expect([status, code]).toEqual([403, 'site-not-allowed']);
    }
    expect((await jsonOf(null, '/api/cameras'))[0]).toBe(401);
  });

  it('opens footage by cookies of one site', async () => {
    const opened = await api.ask(OWN, '/api/session/footage', { site: 'harbour-depot' });
    expect([opened.status, opened.cookies.length]).toEqual([200, 3]);
    const refused = await api.ask(OTHER, '/api/session/footage', { site: 'harbour-depot' });
    expect([refused.status, refused.cookies]).toEqual([403, []]);
  });

  it('signs a form that S3 takes, for the file that was said', async () => {
    const video = { name: 'a.mp4', bytes: LOBBY_BYTES.length, durationSeconds: 60 };
    const [status, form] = await jsonOf(ALL, '/api/uploads/presign', video);
    expect(status).toBe(200);
    expect((await sendForm(form, LOBBY_BYTES)).status).toBe(204);
    const { Body } = await road.clients.s3.send(
      new GetObjectCommand({ Bucket: road.footageBucket, Key: form.objectKey }),
    );
    expect((await Body!.transformToByteArray()).length).toBe(LOBBY_BYTES.length);
    const policy = JSON.parse(Buffer.from(form.fields.Policy, 'base64').toString());
    expect(policy.conditions).toEqual(
      expect.arrayContaining([
        ['eq', '$key', form.objectKey],
        ['eq', '$Content-Type', 'video/mp4'],
        ['content-length-range', LOBBY_BYTES.length, LOBBY_BYTES.length],
      ]),
    );
    expect((await jsonOf(OWN, '/api/uploads/presign', video))[0]).toBe(403);
  });

  it('prices a camera by its rows and every tier by assumed usage, without a time series', async () => {
    const cost = `/api/cameras/${LOBBY.split('/20')[0]}/cost`;
    const [status, measured] = await jsonOf(OWN, `${cost}?until=2026-11-02T09:00:00Z`);
    expect([status, measured]).toMatchObject([200, { segments: 1, footageSeconds: 60 }]);
    expect(measured.totalUsdPerMonth).toBeGreaterThan(0);
    const [, { cameras }] = await jsonOf(OWN, '/api/fleet/tiers');
    for (const { tiers } of cameras) {
      expect(tiers).toEqual(
        ['high', 'low', 'steady'].map((tier) =>
          expect.objectContaining({ tier, isMeasured: false }),
        ),
      );
    }
    expect((await jsonOf(OTHER, cost))[0]).toBe(403);
  });

  it('tells of its queues, and has dead letters moved back for operators of every site', async () => {
    const { sqs } = road.clients;
    const dead = new SqsQueue(sqs, { url: road.cpu.deadLetter.url });
    const body = { camera: 'harbour-depot/lobby', segmentKey: LOBBY };
    await dead.send([{ body }, { body: { camera: '../..', segmentKey: 7 } }]);
    const [{ MessageId = '' } = {}] = (
      await sqs.send(
        new ReceiveMessageCommand({ QueueUrl: road.cpu.deadLetter.url, VisibilityTimeout: 0 }),
      )
    ).Messages!;
    const at = '2026-11-02T08:05:00.000Z';
    const failures = new DynamoFailures(road.table);
    await failures.note({ messageId: MessageId, cause: '[worker-crashed] gone', at });
    const [, health] = await jsonOf(ALL, '/api/health');
    const none = { waiting: 0, inFlight: 0, dead: 0, oldestSeconds: null };
    expect(health).toMatchObject({
      queues: { 'detect-cpu': { ...none, dead: 2 }, retention: none },
      deadLetters: { count: 2 },
      model: { grade: 'demo' },
    });
    const [, all] = await jsonOf('[all operator]', '/api/dead-letters');
    expect(all).toMatchObject({ count: 2, redriveBy: 'queue' });
    expect(all.deadLetters).toContainEqual(
      expect.objectContaining({ queue: 'detect-cpu', cause: '[worker-crashed] gone', deadAt: at }),
    );
    expect(all.deadLetters).toContainEqual(
      expect.objectContaining({
        camera: null,
        segmentKey: null,
        cause: expect.stringMatching(/ended without a word/),
      }),
    );
    for (const groups of [OWN, OTHER, '', '[operator]', '[site:harbour-depot operator]', ALL]) {
      const [status, { code }] = await jsonOf(groups, '/api/dead-letters/redrive', {});
      expect([groups, status, code]).toEqual([groups, 403, 'not-operator']);
    }
    const [, own] = await jsonOf(OWN, '/api/dead-letters');
    expect(own).toMatchObject({
      count: 1,
      deadLetters: [{ camera: 'harbour-depot/lobby' }],
      redriveBy: null,
    });
    expect((await jsonOf(OTHER, '/api/dead-letters'))[1]).toMatchObject({ count: 0 });
    const queue = { queue: 'detect-cpu' };
    expect(await jsonOf('[all operator]', '/api/dead-letters/redrive', queue)).toEqual([
      200,
      { redriven: 2 },
    ]);
    expect(moved).toEqual([{ SourceArn: road.cpu.deadLetter.arn, DestinationArn: road.cpu.arn }]);
  });

  it('says what the cloud has not: analytics, a stream', async () => {
    for (const path of [`/api/analytics/quiet-share?${PERIOD}`, '/api/stream']) {
      const [status, { code }] = await jsonOf(ALL, path);
      expect([path, status, code]).toEqual([path, 404, 'not-offered']);
    }
    const [, { offers }] = await jsonOf(ALL, '/api/session');
    expect(offers).toEqual([
      'snapshots',
      'footage',
      'tier-change',
      'redrive',
      'upload-forms',
      'sign-out',
    ]);
  });
});

describe('footage that is gone', () => {
  const path =
    '/api/timeline?camera=harbour-depot/lobby&from=2026-11-03T00:00:00Z&to=2026-11-04T00:00:00Z';
  const timeline = async () => (await jsonOf(OWN, path))[1].segments;
  const notes = () => Array.fromAsync(road.table.query('deleted#harbour-depot/lobby'));
  const expire = async (now: string) => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.parse(now) });
    await functions.scheduleRetention();
    await functions.retention.poll();
    vi.useRealTimers();
  };
  const key = LOBBY.replace('20261102', '20261103');
  // By its version, as S3 tells of it: moto's own notification lacks that.
  beforeAll(async () => {
    const put = { Bucket: road.footageBucket, Key: key, Body: LOBBY_BYTES };
    const { VersionId: versionId } = await road.clients.s3.send(new PutObjectCommand(put));
    const landed = new SqsQueue<unknown>(road.clients.sqs, road.landed);
    const own = await landed.receive({ max: 10, visibilitySeconds: 60 });
    await landed.acknowledge(own.map(({ receiptHandle }) => receiptHandle));
    const s3 = { bucket: { name: road.footageBucket }, object: { key, versionId } };
    await landed.send([{ body: { Records: [{ eventName: 'ObjectCreated:Put', s3 }] } }]);
    await functions.route.poll();
    await functions.detectCpu.poll();
  });
  const there = { objectKey: key, hasFootage: true, expiredBy: null, expiredAt: null };
  const reason = 'over maxBytes 1';
  const gone = { ...there, hasFootage: false, expiredBy: 'retention', expiredReason: reason };

  it('is there as long as it lies in the bucket, whatever retention has noted before it failed', async () => {
    expect(await timeline()).toMatchObject([there]);
    const refuse = vi.spyOn(S3Shelf.prototype, 'delete').mockRejectedValueOnce(new Error('killed'));
    await expire('2026-11-05T00:00:00Z');
    expect(refuse).toHaveBeenCalled();
    refuse.mockRestore();
    expect(await notes()).toHaveLength(1);
    expect(await timeline()).toMatchObject([there]);
  });

  it('says since when and why, in one row however often its message came', async () => {
    await expire('2026-11-05T00:10:00Z');
    await expire('2026-11-06T00:00:00Z');
    expect(await timeline()).toMatchObject([{ ...gone, expiredAt: '2026-11-05T00:10:00.000Z' }]);
    const [row, ...more] = await notes();
    const expiresAt = Date.parse('2027-01-04T00:00:00Z') / 1000;
    expect([row, more]).toMatchObject([{ at: '2026-11-05T00:10:00.000Z', expiresAt }, []]);
  });

  it('without a note is what lifecycle removes, at about, once it is that old', async () => {
    const [{ pk, sk }] = (await notes()) as [{ pk: string; sk: string }];
    await road.clients.dynamo.send(
      new DeleteCommand({ TableName: road.table.name, Key: { pk, sk } }),
    );
    const at = async (now: string) => {
      vi.useFakeTimers({ toFake: ['Date'], now: Date.parse(now) });
      const segments = await timeline();
      vi.useRealTimers();
      return segments;
    };
    expect(await at('2026-12-03T23:59:59Z')).toMatchObject([{ expiredBy: null, expiredAt: null }]);
    expect(await at('2026-12-04T00:00:00Z')).toMatchObject([
      {
        ...{ hasFootage: false, expiredBy: 'lifecycle', expiredAt: '2026-12-04T00:00:00.000Z' },
        expiredReason: '30 days after it landed',
      },
    ]);
  });
});
