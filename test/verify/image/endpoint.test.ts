import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { endpointAnswerSchema } from '../../../core/endpoint-contract';
import { invoke, LOBBY } from '../../endpoint/server-process';
import { prepareNodeBase } from './bases';
import {
  buildImage,
  configOf,
  type ImageConfig,
  needImageTools,
  removeImage,
  type UnpackedImage,
  unpackImage,
} from './buildah';
import { type Container, startContainer } from './container';

const ROOT = join(__dirname, '../../..');
const IMAGE = `tierwatch-endpoint:${process.pid}`;
let image: UnpackedImage;
let config: ImageConfig;
let container: Container;
let url: string;

/** As SageMaker starts it: by root, with the argument `serve`; on a port that is free here. */
beforeAll(async () => {
  needImageTools();
  const base = `localhost/${await prepareNodeBase()}`;
  const dockerfile = join(ROOT, 'endpoint/Dockerfile');
  await buildImage({
    name: IMAGE,
    dockerfile,
    context: ROOT,
    args: { NODE: base, BASE: base, PROVIDER: 'cpu' },
  });
  config = await configOf(IMAGE);
  image = await unpackImage(IMAGE);
  const port = await freePort();
  url = `http://127.0.0.1:${port}`;
  container = startContainer({
    root: image.root,
    config,
    command: ['serve'],
    user: { uid: 0, gid: 0 },
    cpus: 2,
    memoryBytes: 4 * 1024 ** 3,
    variables: {
      SAGEMAKER_BIND_TO_PORT: String(port),
      TIERWATCH_ENDPOINT_MODEL: '/app/model-build/default',
    },
  });
}, 600_000);
afterAll(async () => {
  await container.stop();
  await image.remove();
  await removeImage(IMAGE);
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return port;
}

it('answers /ping once it has warmed up, analyses a segment, and ends at SIGTERM when its work is done', async () => {
  expect([config.User ?? '', config.Entrypoint ?? []]).toEqual(['', []]);
  const ping = () =>
    fetch(`${url}/ping`).then(
      ({ status }) => status,
      () => null,
    );
  while ((await ping()) !== 200) {
    expect([container.process.exitCode, container.said()]).toEqual([null, expect.any(String)]);
    await pause(100);
  }
  const answer = endpointAnswerSchema.parse(await (await invoke({ url }, LOBBY)).json());
  expect(answer.presences.map(({ className }) => className)).toContain('person');
  const ended = new Promise<number | null>((resolve) => container.process.once('exit', resolve));
  const last = invoke({ url }, LOBBY);
  const isTaken = async () => /queue_depth 1/.test(await (await fetch(`${url}/metrics`)).text());
  while (!(await isTaken()));
  container.process.kill('SIGTERM');
  expect([(await last).status, await ended]).toEqual([200, 0]);
}, 120_000);
