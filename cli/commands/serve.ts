import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { type ServerType, serve as serveHono } from '@hono/node-server';
import { type Command, InvalidArgumentError } from 'commander';
import { createApi } from '../../handlers/api';
import { guarded } from '../exit';
import { DEFAULT_DATA, DEFAULT_MODEL, DEMO_FLEET, readFleet, UsageError } from '../options';
import { isLoopback, localAccess } from '../serve/access';
import { openEmbeddedApi } from '../serve/embedded-api';

interface ServeOptions {
  readonly port: number;
  readonly host: string;
  readonly tokenFile?: string;
  readonly data: string;
  readonly fleet: string;
  readonly model: string;
}

const MIN_TOKEN_LENGTH = 16;

export function registerServe(program: Command): void {
  program
    .command('serve')
    .description('the api over a data folder, beside a running start; Ctrl-C ends it')
    .option('--port <port>', 'TCP port; 0: a free one, printed', portNumber, 8787)
    .option(
      '--host <address>',
      'address to listen on; another than this machine’s own needs a token',
      '127.0.0.1',
    )
    .option(
      '--token-file <file>',
      `file with the token that callers must send as "Authorization: Bearer TOKEN", at least ${MIN_TOKEN_LENGTH} characters; there is no TLS: put a proxy before it`,
    )
    .option('--data <dir>', 'data folder of start', DEFAULT_DATA)
    .option('--fleet <file>', 'fleet file (YAML)', DEMO_FLEET)
    .option('--model <dir>', 'model bundle, as of start', DEFAULT_MODEL)
    .action(guarded(serve));
}

async function serve(options: ServeOptions): Promise<void> {
  const { host, port, tokenFile } = options;
  const token = tokenFile === undefined ? null : readToken(tokenFile);
  if (token === null && !isLoopback(host)) {
    throw new UsageError(
      `"--host ${host}": expected a token for callers from other machines, found none; name a file with --token-file`,
    );
  }
  const api = openEmbeddedApi({
    ...options,
    fleet: readFleet(options.fleet),
    modelFolder: options.model,
    allowedSites: localAccess(token),
    onError: (error, requestId) => console.error(`request ${requestId} failed:`, error),
  });
  try {
    const server = await listen(createApi(api.deps).fetch, { host, port });
    const { address, port: bound } = server.address() as AddressInfo;
    const name = address.includes(':') ? `[${address}]` : address;
    console.log(`api: http://${name}:${bound}/api/openapi.json`);
    const stop = (): void => {
      server.close();
      if ('closeAllConnections' in server) server.closeAllConnections();
    };
    process.once('SIGINT', stop).once('SIGTERM', stop);
    await once(server, 'close');
  } finally {
    api.close();
  }
}

/** @throws {UsageError} where the address can't be listened on */
async function listen(
  fetch: Parameters<typeof serveHono>[0]['fetch'],
  { host, port }: Pick<ServeOptions, 'host' | 'port'>,
): Promise<ServerType> {
  const server = serveHono({ fetch, hostname: host, port });
  try {
    if (!server.listening) await once(server, 'listening');
    return server;
  } catch (cause) {
    throw new UsageError(
      `"${host}:${port}": expected a free address of this machine, found ${(cause as Error).message}; name another --port or --host`,
      cause,
    );
  }
}

/** @throws {UsageError} */
function readToken(file: string): string {
  let token: string;
  try {
    token = readFileSync(file, 'utf8').trim();
  } catch (cause) {
    throw new UsageError(`"${file}": expected a token, found no file that can be read`, cause);
  }
  if (token.length >= MIN_TOKEN_LENGTH && !/\s/.test(token)) return token;
  throw new UsageError(
    `"${file}": expected a token of at least ${MIN_TOKEN_LENGTH} characters without spaces, found ${token.length}`,
  );
}

function portNumber(text: string): number {
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port <= 65_535) return port;
  throw new InvalidArgumentError('expected a port, 0 to 65535');
}
