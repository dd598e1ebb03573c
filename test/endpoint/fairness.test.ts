import { once } from 'node:events';
import { request } from 'node:http';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { multipartOf } from '../../adapters/gpu-endpoint/wire';
import { endpointAnswerSchema, picturesAnswerSchema } from '../../core/endpoint-contract';
import { invoke, LOBBY, type RunningServer, settingsOf, startServer } from './server-process';

const TINY = 1000;
const BIG_BYTES = 24.9 * 1024 * 1024;
/** Four pictures a second: hundreds of them. */
const OFTEN = settingsOf({
  settings: { ...settingsOf().settings, sampleIntervalSeconds: 0.25 },
  wantsSnapshots: false,
  deadlineMs: 300_000,
});
let server: RunningServer;
beforeAll(async () => {
  server = await startServer({ TIERWATCH_ENDPOINT_MAX_PENDING: String(TINY + 1) });
});
afterAll(() => {
  server.process.kill('SIGKILL');
});

/** The lobby's minute, made as large as a request may be by a box that players skip. */
function paddedLobby(): Buffer {
  const free = Buffer.alloc(Math.floor(BIG_BYTES) - LOBBY.length);
  free.writeUInt32BE(free.length, 0);
  free.write('free', 4, 'latin1');
  return Buffer.concat([LOBBY, free]);
}

/** Sends a request; resolves once its body is on its way, to its answer. */
async function sendBig(media: Buffer): Promise<{ readonly answer: Promise<string> }> {
  const blob = new Blob([media as Buffer<ArrayBuffer>], { type: 'video/mp4' });
  const { contentType, body } = await multipartOf([blob], OFTEN);
  const sent = request(`${server.url}/invocations`, {
    method: 'POST',
    headers: { 'content-type': contentType, 'content-length': body.length },
  });
  const answer = once(sent, 'response').then(async ([response]) => {
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk);
    return Buffer.concat(chunks).toString();
  });
  await new Promise<void>((resolve) => sent.end(body, resolve));
  return { answer };
}

it('takes a thousand tiny requests beside one of 25 MB: all answers are right, and nobody waits for everybody else', async () => {
  const analyseLobby = async (settings = settingsOf()) =>
    endpointAnswerSchema.parse(await (await invoke(server, LOBBY, { settings })).json());
  const alone = await analyseLobby(OFTEN);
  const { snapshots } = await analyseLobby();
  const person = Buffer.from(snapshots[0]!.jpegBase64, 'base64');
  const tiny = await sharp(person).resize(160).jpeg().toBuffer();
  const detectTiny = async (index: number) => {
    const settings = settingsOf({ camera: `depot/c${index % 16}`, deadlineMs: 300_000 });
    const response = await invoke(server, [tiny], { settings, type: 'image/jpeg' });
    return picturesAnswerSchema.parse(await response.json()).pictures;
  };
  const tinyAlone = await detectTiny(0);
  const order: ('big' | 'tiny')[] = [];
  const { answer } = await sendBig(paddedLobby());
  const big = answer.finally(() => order.push('big'));
  const pictures = await Promise.all(
    Array.from({ length: TINY }, (_, index) => detectTiny(index).finally(() => order.push('tiny'))),
  );
  const { analysis, presences } = endpointAnswerSchema.parse(JSON.parse(await big));
  expect({ analysis, presences }).toEqual({
    analysis: alone.analysis,
    presences: alone.presences,
  });
  expect(new Set(pictures.map((one) => JSON.stringify(one)))).toEqual(
    new Set([JSON.stringify(tinyAlone)]),
  );
  expect(order.indexOf('big')).toBeGreaterThan(0);
  expect(order.indexOf('big')).toBeLessThan(TINY);
}, 300_000);
