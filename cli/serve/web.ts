import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { type ServerType, serve as serveHono } from '@hono/node-server';
import { type Command, InvalidArgumentError } from 'commander';
import { UsageError } from '../options';
import { isLoopback } from './access';

export interface WebOptions {
  readonly port: number;
  readonly host: string;
  readonly tokenFile?: string;
}

const MIN_TOKEN_LENGTH = 16;
/** An upload may take as long as this (ms); headers still have a minute. */
const REQUEST_TIMEOUT_MS = 3_600_000;
/** Longer than callers keep an idle connection (ms), else one that is closed as they write to it fails their request. */
const KEEP_ALIVE_TIMEOUT_MS = 65_000;

/** `--port`, `--host`, `--token-file`. */
export function addWebOptions(command: Command): Command {
  return command
    .option('--port <port>', 'TCP port; 0: a free one, printed', portNumber, 8787)
    .option(
      '--host <address>',
      'address to listen on; another than this machine’s own needs a token',
      '127.0.0.1',
    )
    .option(
      '--token-file <file>',
      `file with the token that callers must send as "Authorization: Bearer TOKEN", at least ${MIN_TOKEN_LENGTH} characters; there is no TLS: put a proxy before it`,
    );
}

/** The token that callers must send; null: none is needed. @throws {UsageError} */
export function tokenOf({ host, tokenFile }: WebOptions): string | null {
  if (tokenFile !== undefined) return readToken(tokenFile);
  if (isLoopback(host)) return null;
  throw new UsageError(
    `"--host ${host}": expected a token for callers from other machines, found none; name a file with --token-file`,
  );
}

export interface WebServer {
  /** Such as `http://127.0.0.1:8787`. */
  readonly origin: string;
  /** Resolves once it is closed. */
  readonly closed: Promise<unknown>;
  close(): void;
}

/** @throws {UsageError} where the address can't be listened on */
export async function listen(
  fetch: (request: Request) => Response | Promise<Response>,
  { host, port }: Pick<WebOptions, 'host' | 'port'>,
): Promise<WebServer> {
  const serverOptions = {
    requestTimeout: REQUEST_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
  };
  const server: ServerType = serveHono({ fetch, hostname: host, port, serverOptions });
  try {
    if (!server.listening) await once(server, 'listening');
  } catch (cause) {
    throw new UsageError(
      `"${host}:${port}": expected a free address of this machine, found ${portFault(cause as NodeJS.ErrnoException)}; name another --port or --host`,
      cause,
    );
  }
  const { address, port: bound } = server.address() as AddressInfo;
  return {
    origin: `http://${address.includes(':') ? `[${address}]` : address}:${bound}`,
    closed: once(server, 'close'),
    close: () => {
      server.close();
      if ('closeAllConnections' in server) server.closeAllConnections();
    },
  };
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

function portFault({ code, message }: NodeJS.ErrnoException): string {
  if (code === 'EADDRINUSE') return 'it in use by another program';
  return code === 'EACCES' ? 'a port that only root may take' : message;
}
