import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { cacheFolder, installPackages } from '../../../model-build/python-environment';

const STARTS_WITHIN_MS = 30_000;

/** A moto server of our own: AWS's APIs on loopback, empty after `reset`. */
export interface Moto {
  readonly endpoint: string;
  reset(): Promise<void>;
  stop(): void;
}

/** Installs moto on first use and starts it on a free port. */
export async function startMoto(): Promise<Moto> {
  const python = await prepareMoto();
  const port = await freePort();
  const server = spawn(python, ['-m', 'moto.server', '-H', '127.0.0.1', '-p', String(port)], {
    env: { ...process.env, ...FAKE_CREDENTIALS, AWS_DEFAULT_REGION: REGION },
    stdio: 'ignore',
  });
  const endpoint = `http://127.0.0.1:${port}`;
  await untilUp(endpoint, server);
  return {
    endpoint,
    reset: async () => {
      await fetch(`${endpoint}/moto-api/reset`, { method: 'POST' });
    },
    stop: () => server.kill('SIGKILL'),
  };
}

async function prepareMoto(): Promise<string> {
  const requirements = join(__dirname, 'requirements.txt');
  const hash = createHash('sha256').update(readFileSync(requirements)).digest('hex').slice(0, 12);
  const folder = join(cacheFolder(process.env), `moto-${hash}`);
  const python = join(folder, 'bin/python');
  return existsSync(python) ? python : installPackages(folder, requirements, {});
}

export const REGION = 'us-east-1';
export const ACCOUNT = '123456789012';
export const FAKE_CREDENTIALS = { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' };

async function untilUp(endpoint: string, server: ChildProcess): Promise<void> {
  const deadlineMs = performance.now() + STARTS_WITHIN_MS;
  while (performance.now() < deadlineMs && server.exitCode === null) {
    const answer = await fetch(`${endpoint}/moto-api/data.json`).catch(() => null);
    if (answer?.ok) return;
    await pause(50);
  }
  server.kill('SIGKILL');
  throw new Error(`moto: expected it to answer at ${endpoint} within 30 s, found no answer`);
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
