import sharp from 'sharp';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { childrenOf } from '../child-processes';
import { invoke, LOBBY, type RunningServer, settingsOf, startServer } from './server-process';

const BURST = 6;
let server: RunningServer;
beforeAll(async () => {
  server = await startServer({
    TIERWATCH_ENDPOINT_DECODERS: '1',
    TIERWATCH_ENDPOINT_DEADLINE_SECONDS: '300',
  });
});
afterAll(() => {
  server.process.kill('SIGKILL');
});

async function untilDepthIs(count: number): Promise<void> {
  const depth = new RegExp(`^tierwatch_endpoint_queue_depth ${count}$`, 'm');
  while (!depth.test(await (await fetch(`${server.url}/metrics`)).text()));
}

it('decodes another camera’s picture before the rest of a camera’s burst of long segments', async () => {
  const picture = await sharp({
    create: { width: 64, height: 36, channels: 3, background: '#777777' },
  })
    .jpeg()
    .toBuffer();
  const settings = settingsOf({ camera: 'depot/burst', deadlineMs: 300_000 });
  expect((await invoke(server, LOBBY, { settings })).status).toBe(200);
  const [decoder] = childrenOf(server.process.pid!);
  const order: string[] = [];
  const answer = async (camera: string, asked: Promise<Response>): Promise<void> => {
    expect((await asked).status).toBe(200);
    order.push(camera);
  };
  // The decoder stands still until all of them wait.
  process.kill(decoder!, 'SIGSTOP');
  const burst = Array.from({ length: BURST }, () =>
    answer('burst', invoke(server, LOBBY, { settings })),
  );
  await untilDepthIs(BURST);
  const given = { settings: settingsOf({ camera: 'depot/quiet', deadlineMs: 300_000 }) };
  const quiet = answer('quiet', invoke(server, picture, { ...given, type: 'image/jpeg' }));
  await untilDepthIs(BURST + 1);
  process.kill(decoder!, 'SIGCONT');
  await Promise.all([...burst, quiet]);
  expect(order.filter((one) => one === 'quiet')).toHaveLength(1);
  expect(order.at(-1)).toBe('burst');
}, 300_000);
