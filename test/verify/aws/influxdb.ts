import { spawn, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { cacheFolder } from '../../../model-build/python-environment';
import { freePort } from './moto';

const STARTS_WITHIN_MS = 30_000;
/** Debian's package; the dialect is what counts, so its patch level is not pinned. */
const VERSION = /^v?1\.6\./;

/** A real InfluxDB of our own on loopback. */
export interface Influx {
  readonly endpoint: string;
  stop(): void;
}

/**
 * Installs Debian's InfluxDB on first use, without root, and starts it on free ports.
 * @throws where this machine can't have it
 */
export async function startInflux(): Promise<Influx> {
  const program = prepareInflux();
  const folder = mkdtempSync(join(tmpdir(), 'tierwatch-influx-'));
  const [port, backupPort] = [await freePort(), await freePort()];
  writeFileSync(join(folder, 'influxdb.conf'), configOf(folder, { port, backupPort }));
  const server = spawn(program, ['-config', join(folder, 'influxdb.conf')], { stdio: 'ignore' });
  const stop = (): void => {
    server.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  const endpoint = `http://127.0.0.1:${port}`;
  const deadlineMs = performance.now() + STARTS_WITHIN_MS;
  while (performance.now() < deadlineMs && server.exitCode === null) {
    const answer = await fetch(`${endpoint}/ping`).catch(() => null);
    const version = answer?.headers.get('x-influxdb-version') ?? '';
    if (answer?.ok && VERSION.test(version)) return { endpoint, stop };
    await pause(50);
  }
  stop();
  throw new Error(`InfluxDB: expected 1.6 to answer at ${endpoint} within 30 s, found no answer`);
}

function prepareInflux(): string {
  const folder = join(cacheFolder(process.env), 'influxdb-1.6');
  const program = join(folder, 'usr/bin/influxd');
  if (existsSync(program)) return program;
  const aside = `${folder}-${process.pid}`;
  mkdirSync(aside, { recursive: true });
  run(aside, 'apt-get', 'download', 'influxdb');
  const [archive] = readdirSync(aside).filter((name) => name.endsWith('.deb'));
  run(aside, 'dpkg-deb', '--extract', archive!, aside);
  rmSync(folder, { recursive: true, force: true });
  renameSync(aside, folder);
  return program;
}

function run(cwd: string, program: string, ...values: string[]): void {
  const { status, stderr, error } = spawnSync(program, values, { cwd, encoding: 'utf8' });
  if (status === 0) return;
  rmSync(cwd, { recursive: true, force: true });
  throw new Error(
    `InfluxDB: "${program} ${values.join(' ')}" ended ${status}: ${error?.message ?? stderr}`,
  );
}

/** Its default configuration binds all interfaces and reports home; this one does neither. */
function configOf(
  folder: string,
  { port, backupPort }: { port: number; backupPort: number },
): string {
  return `
reporting-disabled = true
bind-address = "127.0.0.1:${backupPort}"
[meta]
  dir = "${folder}/meta"
[data]
  dir = "${folder}/data"
  wal-dir = "${folder}/wal"
[monitor]
  store-enabled = false
[http]
  bind-address = "127.0.0.1:${port}"
  log-enabled = false
`;
}
