import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { createInterface } from 'node:readline';
import { type AnalysisSettings, PRODUCT_ANALYSIS_DEFAULTS } from '../core/camera-settings';
import type { Device } from '../core/manifest';

export const CAMERAS = 16;
export const AT_ONCE = 64;
export const WAIT_MS = 5;

/** The shipped classes, each second, without gates. */
export const SETTINGS: AnalysisSettings = {
  ...PRODUCT_ANALYSIS_DEFAULTS,
  classes: ['person', 'vehicle'],
  sampleIntervalSeconds: 1,
  packetGate: 'off',
  motionGate: false,
};

/** The server that is measured. */
export interface Server {
  /** Bundled, as its image runs it. */
  readonly program: string;
  readonly model: string;
  /** As TIERWATCH_ENDPOINT_DEVICE. */
  readonly device: string;
}

export interface Served {
  readonly url: string;
  readonly pid: number;
  /** Where it infers. */
  readonly device: Device;
  stop(): Promise<void>;
}

export async function serve(
  { program, model, device }: Server,
  environment: Record<string, string> = {},
): Promise<Served> {
  const child = spawn(process.execPath, [program], {
    env: {
      ...process.env,
      SAGEMAKER_BIND_TO_PORT: '0',
      TIERWATCH_ENDPOINT_HOST: '127.0.0.1',
      TIERWATCH_ENDPOINT_MODEL: model,
      TIERWATCH_ENDPOINT_DEVICE: device,
      TIERWATCH_ENDPOINT_BATCH_WAIT_MS: String(WAIT_MS),
      TIERWATCH_ENDPOINT_MAX_PENDING: String(AT_ONCE),
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const lines = createInterface({ input: child.stdout });
  const ready = await new Promise<{ port: number; device: Device }>((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`the server ended with ${code}`)));
    lines.on('line', (line) => {
      const found = JSON.parse(line);
      if (found.message === 'ready') resolve(found);
    });
  });
  return {
    url: `http://127.0.0.1:${ready.port}`,
    pid: child.pid!,
    device: ready.device,
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

function formOf(video: Uint8Array, camera: string, deadlineMs = 120_000): FormData {
  const form = new FormData();
  const given = { schemaVersion: 1, camera, startedAt: '2026-11-02T08:00:00Z', settings: SETTINGS };
  const rest = { floor: null, range: null, wantsSnapshots: false, deadlineMs };
  form.set('settings', JSON.stringify({ ...given, ...rest }));
  form.append('media', new Blob([video as Uint8Array<ArrayBuffer>], { type: 'video/mp4' }));
  return form;
}

/** Encoded once a camera: the generator must not take the server's CPU. */
const encoded = new Map<string, Promise<{ type: string; body: Uint8Array<ArrayBuffer> }>>();

export async function ask(
  url: string,
  video: Uint8Array,
  index: number,
  deadlineMs?: number,
): Promise<Response> {
  const camera = `bench/camera-${index % CAMERAS}`;
  const key = `${camera} ${deadlineMs}`;
  const made = encoded.get(key) ?? encode(formOf(video, camera, deadlineMs));
  encoded.set(key, made);
  const { type, body } = await made;
  return fetch(`${url}/invocations`, { method: 'POST', headers: { 'content-type': type }, body });
}

async function encode(form: FormData) {
  const response = new Response(form);
  const type = response.headers.get('content-type')!;
  return { type, body: new Uint8Array(await response.arrayBuffer()) };
}

/** A process and its children (Linux). */
export function processesOf(pid: number): number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  return [pid, ...children.split(/\s+/).filter(Boolean).map(Number)];
}

/** User and system CPU seconds of a process and its children, so far (Linux). */
export function cpuSecondsOf(pid: number): number {
  return processesOf(pid).reduce((sum, one) => {
    const fields = readFileSync(`/proc/${one}/stat`, 'utf8').split(') ')[1]!.split(' ');
    return sum + (Number(fields[11]) + Number(fields[12])) / 100;
  }, 0);
}

/** @returns to be called at the end: cores that this process, which makes the load, has left to others since then */
export function coresLeft(): () => number {
  const [before, startedMs] = [process.cpuUsage(), performance.now()];
  return () => {
    const { user, system } = process.cpuUsage(before);
    return availableParallelism() - (user + system) / 1000 / (performance.now() - startedMs);
  };
}
