import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ImageConfig } from './buildah';

export interface ContainerOptions {
  /** The image's files; never written to. */
  readonly root: string;
  readonly config: ImageConfig;
  /** In place of the image's own. */
  readonly command?: readonly string[];
  readonly variables: Readonly<Record<string, string>>;
  readonly user: { readonly uid: number; readonly gid: number };
  readonly cpus: number;
  readonly memoryBytes: number;
}

export interface Container {
  readonly process: ChildProcess;
  /** Its stdout and stderr so far. */
  said(): string;
  stop(): Promise<void>;
}

let started = 0;

/**
 * Runs an image's process by `runc`: namespaces of its own but the network's, nothing to write to but `/tmp`, no
 * capability, limits on CPU and memory.
 */
export function startContainer(options: ContainerOptions): Container {
  const folder = mkdtempSync(join(tmpdir(), 'tierwatch-container-'));
  const name = `tierwatch-${process.pid}-${++started}`;
  writeFileSync(join(folder, 'config.json'), JSON.stringify(specOf(options)));
  const runc = spawn('runc', ['--root', join(folder, 'state'), 'run', '--bundle', folder, name], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const chunks: Buffer[] = [];
  for (const stream of [runc.stdout, runc.stderr]) {
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  }
  const ended = new Promise<void>((resolve) => runc.once('close', () => resolve()));
  return {
    process: runc,
    said: () => Buffer.concat(chunks).toString(),
    stop: async () => {
      const kill = ['--root', join(folder, 'state'), 'kill', name, 'KILL'];
      spawn('runc', kill, { stdio: 'ignore' });
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** https://github.com/opencontainers/runtime-spec/blob/v1.0.2/config.md */
function specOf({ root, config, command, variables, user, ...limits }: ContainerOptions): object {
  const { Entrypoint = [], Cmd = [], Env = [], WorkingDir } = config;
  const tmpfs = (destination: string, ...options: string[]) => ({
    ...{ destination, type: 'tmpfs', source: 'tmpfs' },
    options: ['nosuid', 'nodev', ...options],
  });
  const namespaces = ['pid', 'ipc', 'uts', 'mount'].map((type) => ({ type }));
  return {
    ociVersion: '1.0.2',
    process: {
      user,
      args: [...Entrypoint, ...(command ?? Cmd)],
      env: [...Env, ...Object.entries(variables).map(([name, value]) => `${name}=${value}`)],
      cwd: WorkingDir || '/',
      noNewPrivileges: true,
    },
    root: { path: root, readonly: true },
    mounts: [
      { destination: '/proc', type: 'proc', source: 'proc' },
      // Without /dev/shm, as Lambda has it.
      { ...tmpfs('/dev', 'mode=755', 'size=64k'), options: ['nosuid', 'mode=755', 'size=64k'] },
      tmpfs('/tmp', 'mode=1777', 'size=512m'),
    ],
    linux: {
      namespaces,
      resources: {
        memory: { limit: limits.memoryBytes },
        cpu: { quota: Math.round(limits.cpus * 100_000), period: 100_000 },
      },
    },
  };
}
