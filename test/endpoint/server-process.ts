import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { PRODUCT_ANALYSIS_DEFAULTS } from '../../core/camera-settings';
import type { EndpointSettings } from '../../core/endpoint-contract';

const ROOT = join(__dirname, '../..');
export const LOBBY = readFileSync(
  join(ROOT, 'demo/footage/harbour-depot/lobby/20261102T080000Z_60s.mp4'),
);

export interface RunningServer {
  readonly url: string;
  readonly process: ChildProcess;
  /** Exit code, once it has ended. */
  readonly ended: Promise<number | null>;
}

/** Starts the real server on a free port; resolves when it is ready. */
export async function startServer(
  environment: Readonly<Record<string, string>> = {},
): Promise<RunningServer> {
  const program = [join(ROOT, 'cli/run-typescript.js'), join(ROOT, 'endpoint/serve.entry.ts')];
  const server = spawn(process.execPath, program, {
    cwd: ROOT,
    env: {
      ...process.env,
      SAGEMAKER_BIND_TO_PORT: '0',
      TIERWATCH_ENDPOINT_HOST: '127.0.0.1',
      TIERWATCH_ENDPOINT_MODEL: 'model-build/default',
      TIERWATCH_ENDPOINT_DECODERS: '2',
      TIERWATCH_ENDPOINT_THREADS: '1',
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise<number | null>((resolve) => server.once('exit', resolve));
  for await (const line of createInterface({ input: server.stdout! })) {
    const { message, port } = JSON.parse(line) as { message: string; port?: number };
    if (message !== 'ready') continue;
    server.stdout!.resume();
    return { url: `http://127.0.0.1:${port}`, process: server, ended };
  }
  throw new Error(`the server ended with ${await ended} before it was ready`);
}

export function settingsOf(change: Partial<EndpointSettings> = {}): EndpointSettings {
  return {
    schemaVersion: 1,
    camera: 'harbour-depot/lobby',
    startedAt: '2026-11-02T08:00:00Z',
    settings: {
      ...PRODUCT_ANALYSIS_DEFAULTS,
      sampleIntervalSeconds: 1,
      packetGate: 'off',
      motionGate: false,
      classes: ['person', 'vehicle'],
    },
    floor: null,
    range: null,
    wantsSnapshots: true,
    deadlineMs: 60_000,
    ...change,
  };
}

export function invoke(
  { url }: Pick<RunningServer, 'url'>,
  media: Uint8Array | readonly Uint8Array[],
  {
    settings = settingsOf(),
    type = 'video/mp4',
    headers = {},
  }: { settings?: object; type?: string; headers?: Record<string, string> } = {},
): Promise<Response> {
  const form = new FormData();
  form.set('settings', JSON.stringify(settings));
  for (const one of Array.isArray(media) ? media : [media]) {
    form.append('media', new Blob([one as Uint8Array<ArrayBuffer>], { type }));
  }
  return fetch(`${url}/invocations`, { method: 'POST', headers, body: form });
}
