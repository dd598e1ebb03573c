import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { afterEach, expect, it } from 'vitest';
import { InfluxHttp } from '../../../adapters/aws/influx-http';
import { SecretToken } from '../../../adapters/aws/influx-token';
import { InfluxAnalytics } from '../../../adapters/aws/influxdb';
import type { RejectedRow } from '../../../adapters/aws/rejected-row';
import { analyticsAt } from '../../contracts/records';

interface Seen {
  readonly url: string;
  readonly authorization: string | undefined;
  readonly lines: number;
}
type Answer = readonly [status: number, body?: unknown];

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

/** A stand-in for InfluxDB 2's v1 API: answers what `answer` says of a request. Not InfluxDB. */
async function standIn(answer: (seen: Seen, index: number) => Answer) {
  const seen: Seen[] = [];
  const server = createServer(async (request, response) => {
    const body = await bodyOf(request);
    const isGzip = request.headers['content-encoding'] === 'gzip';
    const text = (isGzip ? gunzipSync(body) : body).toString();
    const { url = '', headers } = request;
    const one = { url, authorization: headers.authorization, lines: text.split('\n').length };
    seen.push(one);
    const [status, content] = answer(one, seen.length - 1);
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(content === undefined ? '' : JSON.stringify(content));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  closing.push(() => server.close());
  closing.push(() => server.closeAllConnections());
  return { seen, endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  return Buffer.concat(await Array.fromAsync(request as AsyncIterable<Buffer>));
}

/** Secrets Manager that gives these one after the other, the last for ever. */
function secretsOf(...texts: string[]) {
  let reads = 0;
  const client = {
    send: async () => ({ SecretString: texts[Math.min(reads++, texts.length - 1)] }),
  } as unknown as SecretsManagerClient;
  return { tokens: new SecretToken(client, 'influx'), reads: () => reads };
}
const secret = (token: string): string => JSON.stringify({ token });

function open(endpoint: string, tokens: SecretToken, maxAttempts = 2) {
  const options = { endpoint, database: 'tierwatch', retentionPolicy: 'kept', maxAttempts };
  return new InfluxHttp({ ...options, requestTimeoutMs: 5000 }, tokens);
}

it('writes gzip with the token of the secret, which is read once', async () => {
  const { seen, endpoint } = await standIn(() => [204]);
  const { tokens, reads } = secretsOf(secret('first'));
  const influx = open(endpoint, tokens);
  await influx.write(['a x=1 1', 'a x=2 2']);
  await influx.write(['a x=3 3']);
  const url = '/write?db=tierwatch&rp=kept&precision=ns';
  expect(seen).toEqual([
    { url, authorization: 'Token first', lines: 2 },
    { url, authorization: 'Token first', lines: 1 },
  ]);
  expect(reads()).toBe(1);
});

it('reads the secret again when the token is refused: once for all that were', async () => {
  const { seen, endpoint } = await standIn(({ authorization }) =>
    authorization === 'Token second' ? [204] : [401, { code: 'unauthorized', message: 'no' }],
  );
  const { tokens, reads } = secretsOf(secret('first'), secret('second'));
  const influx = open(endpoint, tokens);
  await Promise.all([influx.write(['a x=1 1']), influx.write(['a x=2 2'])]);
  await influx.write(['a x=3 3']);
  expect(reads()).toBe(2);
  expect(seen.map(({ authorization }) => authorization).sort()).toEqual([
    'Token first',
    'Token first',
    'Token second',
    'Token second',
    'Token second',
  ]);
});

it('gives up on a token that is refused twice, to be delivered again', async () => {
  const { seen, endpoint } = await standIn(() => [401, { message: 'unauthorized access' }]);
  const influx = open(endpoint, secretsOf(secret('first')).tokens);
  await expect(influx.query('SHOW DATABASES')).rejects.toMatchObject({
    code: 'influx-unavailable',
    retryable: true,
    message: expect.stringContaining('401 unauthorized access'),
  });
  expect(seen).toHaveLength(2);
});

it.each([429, 500, 503])('tries %i again, then leaves it to the queue', async (status) => {
  const { seen, endpoint } = await standIn((_, index) => (index === 1 ? [204] : [status]));
  const influx = open(endpoint, secretsOf(secret('first')).tokens);
  expect(await influx.write(['a x=1 1'])).toEqual({ kind: 'taken' });
  const hurried = open(endpoint, secretsOf(secret('first')).tokens, 1);
  await expect(hurried.write(['a x=1 1'])).rejects.toMatchObject({ code: 'influx-unavailable' });
  expect(seen).toHaveLength(3);
});

it('finds the row that InfluxDB 2 refuses with 422 by halves; the others are taken', async () => {
  let refused = 0;
  const { seen, endpoint } = await standIn(({ lines }) => {
    // The row in question is in every first half.
    const isIn = lines === 4 || refused > 0 ? refused < 3 : false;
    if (isIn) refused++;
    return isIn ? [422, { code: 'unprocessable entity', message: 'field type conflict' }] : [204];
  });
  const rejected: RejectedRow[] = [];
  const influx = open(endpoint, secretsOf(secret('first')).tokens);
  const rows = [0, 1, 2, 3].map((index) => analyticsAt(index));
  await new InfluxAnalytics(influx, (one) => rejected.push(one)).write(rows);
  expect(rejected).toEqual([{ row: rows[0], reason: 'field type conflict' }]);
  expect(seen.map(({ lines }) => lines)).toEqual([4, 2, 1, 1, 2]);
});

it.each(['', 'no json', '{}', '{"token":"a b"}'])(
  'says that a secret of another form is none, without its text: %j',
  async (text) => {
    const error = await secretsOf(text)
      .tokens.token()
      .catch((thrown: unknown) => thrown);
    expect(error).not.toHaveProperty('cause');
    expect(error).toMatchObject({
      code: 'influx-token',
      retryable: true,
      message:
        '"influx": expected a secret { "token": "…" } for InfluxDB, found another form; write it, and let the function read it',
    });
  },
);

it('reads a secret that was unreadable again', async () => {
  const { tokens } = secretsOf('no json', secret('later'));
  await expect(tokens.token()).rejects.toMatchObject({ code: 'influx-token' });
  expect(await tokens.token()).toBe('later');
});
