import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WorkerPool } from '../../adapters/worker/pool';
import {
  type EndpointAnswer,
  endpointAnswerSchema,
  picturesAnswerSchema,
} from '../../core/endpoint-contract';
import { childrenOf } from '../child-processes';
import { invoke, LOBBY, type RunningServer, settingsOf, startServer } from './server-process';

const FILE = join(__dirname, '../../demo/footage/harbour-depot/lobby/20261102T080000Z_60s.mp4');
let server: RunningServer;
beforeAll(async () => {
  // As on a GPU: more than the four of a CPU, so that one request does not fill a batch.
  server = await startServer({ TIERWATCH_ENDPOINT_MAX_BATCH: '16' });
});
afterAll(() => {
  server.process.kill('SIGKILL');
});

async function answerTo(media: Uint8Array, settings = settingsOf()): Promise<EndpointAnswer> {
  const response = await invoke(server, media, { settings });
  return endpointAnswerSchema.parse(await response.json());
}
/** What must not depend on who shared the batches. */
const pure = ({ analysis, presences, snapshots, video, model }: EndpointAnswer) =>
  JSON.stringify({ analysis, presences, snapshots, video, model });

describe('the model server', () => {
  it('answers ping once it has warmed up', async () => {
    expect((await fetch(`${server.url}/ping`)).status).toBe(200);
  });

  it('analyses a segment as the cpu lane does: same frames, presences and snapshots', async () => {
    const pool = new WorkerPool({ size: 1, deadlineSeconds: 60 });
    const { settings, startedAt } = settingsOf();
    const job = { file: FILE, modelFolder: 'model-build/default', settings, startedAt };
    const own = await pool.analyse({ ...job, floor: null, range: null, wantsSnapshots: true });
    pool.close();
    const answer = await answerTo(LOBBY);
    expect(answer.analysis).toEqual(own.analysis);
    expect(answer.presences).toEqual(own.presences);
    expect(answer.presences.length).toBeGreaterThan(0);
    expect(answer.snapshots.map(({ jpegBase64 }) => jpegBase64)).toEqual(
      own.snapshots.map(({ jpeg }) => Buffer.from(jpeg).toString('base64')),
    );
  });

  it('answers eight at once byte for byte as each alone, in shared batches, a hostile one among them', async () => {
    const alone = pure(await answerTo(LOBBY));
    const hostile = [Buffer.from('text'), LOBBY.subarray(0, 5000), Buffer.alloc(0)];
    const [refused, answers] = await Promise.all([
      Promise.all(hostile.map(async (one) => (await invoke(server, one)).status)),
      Promise.all(
        Array.from({ length: 8 }, (_, index) =>
          answerTo(LOBBY, settingsOf({ camera: `depot/c${index % 4}` })),
        ),
      ),
    ]);
    expect(refused).toEqual([422, 422, 422]);
    expect(new Set(answers.map(pure))).toEqual(new Set([alone]));
    expect(Math.max(...answers.map(({ batches }) => batches.largest))).toBeGreaterThan(4);
  });

  it('blacks out privacy masks before inference and in what it gives back', async () => {
    const everything: [number, number][] = [
      [0, 0],
      [1, 0],
      [1, 1],
      [0, 1],
    ];
    const { settings } = settingsOf();
    const blind = await answerTo(
      LOBBY,
      settingsOf({ settings: { ...settings, privacyMasks: [everything] } }),
    );
    expect(blind.presences.filter(({ className }) => className === 'person')).toEqual([]);
    const left: [number, number][] = [
      [0, 0],
      [0.25, 0],
      [0.25, 1],
      [0, 1],
    ];
    const half = await answerTo(
      LOBBY,
      settingsOf({ settings: { ...settings, privacyMasks: [left] } }),
    );
    const [snapshot] = half.snapshots;
    const jpeg = Buffer.from(snapshot!.jpegBase64, 'base64');
    const { width, height } = await sharp(jpeg).metadata();
    const region = { left: 4, top: 4, width: Math.floor(width * 0.2), height: height - 8 };
    const { channels } = await sharp(await sharp(jpeg).extract(region).toBuffer()).stats();
    expect(Math.max(...channels.map(({ mean }) => mean))).toBeLessThan(3);
  });

  it('takes pictures, in their order', async () => {
    const { presences, snapshots } = await answerTo(LOBBY);
    expect(presences.map(({ className }) => className)).toContain('person');
    const person = Buffer.from(snapshots[0]!.jpegBase64, 'base64');
    const empty = await sharp({
      create: { width: 320, height: 180, channels: 3, background: '#777777' },
    })
      .jpeg()
      .toBuffer();
    const response = await invoke(server, [empty, person], { type: 'image/jpeg' });
    const { pictures } = picturesAnswerSchema.parse(await response.json());
    const people = pictures.map(
      ({ detections }) => detections.filter(({ className }) => className === 'person').length,
    );
    expect([people[0], people[1]! > 0]).toEqual([0, true]);
    const bad = await invoke(server, [empty, Buffer.from('x')], { type: 'image/jpeg' });
    expect([bad.status, await bad.json()]).toEqual([
      422,
      { code: 'unreadable-video', reason: expect.stringMatching(/^picture 2: expected a JPEG/) },
    ]);
  });

  it('takes a bare body with its settings in SageMaker’s header', async () => {
    const response = await fetch(`${server.url}/invocations`, {
      method: 'POST',
      headers: {
        'content-type': 'video/mp4',
        'x-amzn-sagemaker-custom-attributes': JSON.stringify(settingsOf()),
      },
      body: LOBBY,
    });
    expect(endpointAnswerSchema.parse(await response.json()).analysis.frames).toHaveLength(60);
  });

  it.each([
    ['settings of another form', { settings: { schemaVersion: 2 } }, 400, 'endpoint-request'],
    ['an unknown field', { settings: { ...settingsOf(), colour: 'red' } }, 400, 'endpoint-request'],
    ['another media type', { type: 'application/pdf' }, 415, 'endpoint-request'],
    [
      'a deadline that is over',
      { settings: settingsOf({ deadlineMs: 100 }) },
      504,
      'endpoint-deadline',
    ],
  ])('refuses %s by code', async (_, given, status, code) => {
    const busy = status === 504 ? Array.from({ length: 6 }, () => invoke(server, LOBBY)) : [];
    const response = await invoke(server, LOBBY, given as { settings?: object; type?: string });
    expect([response.status, await response.json()]).toEqual([
      status,
      { code, reason: expect.any(String) },
    ]);
    await Promise.all(busy);
  });

  it('goes on when a decoder is killed in the middle', async () => {
    const under = Array.from({ length: 6 }, () => invoke(server, LOBBY));
    const before = await fetch(`${server.url}/metrics`);
    expect(await before.text()).toContain('tierwatch_endpoint_batch_frames_count');
    process.kill(childrenOf(server.process.pid!)[0]!, 'SIGKILL');
    const statuses = (await Promise.all(under)).map(({ status }) => status).sort();
    expect(statuses.filter((status) => status === 200).length).toBeGreaterThanOrEqual(5);
    expect(statuses.every((status) => status === 200 || status === 500)).toBe(true);
    expect((await invoke(server, LOBBY)).status).toBe(200);
  });
});

it('sheds what it can’t hold with 503 and Retry-After, and finishes what it took when told to stop', async () => {
  const small = await startServer({ TIERWATCH_ENDPOINT_MAX_PENDING: '3' });
  const responses = await Promise.all(Array.from({ length: 10 }, () => invoke(small, LOBBY)));
  const taken = responses.filter(({ status }) => status === 200);
  const shed = responses.filter(({ status }) => status === 503);
  expect(taken.length + shed.length).toBe(10);
  expect(taken.length).toBeGreaterThanOrEqual(3);
  expect(shed.map(({ headers }) => headers.get('retry-after'))).toEqual(shed.map(() => '1'));
  expect(shed.length).toBeGreaterThan(0);
  const last = invoke(small, LOBBY);
  while (!/queue_depth 1/.test(await (await fetch(`${small.url}/metrics`)).text()));
  small.process.kill('SIGTERM');
  expect((await last).status).toBe(200);
  expect(await small.ended).toBe(0);
});

it('gives a camera that asks now and then a place, while another floods: that one pushes out its own', async () => {
  const small = await startServer({
    TIERWATCH_ENDPOINT_MAX_PENDING: '4',
    TIERWATCH_ENDPOINT_DECODERS: '1',
  });
  const ask = (camera: string) =>
    invoke(small, LOBBY, {
      settings: settingsOf({ camera }),
      headers: { 'x-amzn-sagemaker-custom-attributes': JSON.stringify({ camera }) },
    });
  let isOver = false;
  const flood = Array.from({ length: 8 }, async () => {
    const refused: (readonly [number, unknown])[] = [];
    while (!isOver) {
      const answer = await ask('depot/flood');
      const body = await answer.json();
      if (answer.status !== 200) refused.push([answer.status, body]);
    }
    return refused;
  });
  const isFull = async () =>
    /queue_depth 4/.test(await (await fetch(`${small.url}/metrics`)).text());
  const statuses: number[] = [];
  for (let asked = 0; asked < 4; asked++) {
    while (!(await isFull()));
    statuses.push((await ask('depot/calm')).status);
  }
  isOver = true;
  const refused = (await Promise.all(flood)).flat();
  small.process.kill('SIGKILL');
  expect(statuses).toEqual([200, 200, 200, 200]);
  expect(refused.length).toBeGreaterThan(0);
  expect(refused).toEqual(
    refused.map(() => [503, { code: 'endpoint-busy', reason: expect.any(String) }]),
  );
});

it('answers its bundle’s own check pictures, and ends', async () => {
  const { spawnSync } = await import('node:child_process');
  const run = spawnSync(
    process.execPath,
    ['cli/run-typescript.js', 'endpoint/serve.entry.ts', '--self-test'],
    { env: { ...process.env, TIERWATCH_ENDPOINT_MODEL: 'model-build/default' }, encoding: 'utf8' },
  );
  expect([run.status, JSON.parse(run.stdout)]).toMatchObject([
    0,
    { message: 'self-test', device: expect.any(String), variant: expect.any(String), images: 3 },
  ]);
  const wrong = spawnSync(process.execPath, ['cli/run-typescript.js', 'endpoint/serve.entry.ts'], {
    env: { ...process.env, TIERWATCH_ENDPOINT_MAX_BATCH: 'many' },
    encoding: 'utf8',
  });
  expect([wrong.status, wrong.stderr]).toEqual([
    1,
    expect.stringContaining('TIERWATCH_ENDPOINT_MAX_BATCH'),
  ]);
});
