import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Device } from '../../core/manifest';

export interface GpuServerOptions {
  /** Bundle that it serves. */
  readonly modelFolder: string;
  readonly decoders: number;
  readonly device: Device;
  /** Hears of its comings and goings. */
  readonly say: (line: string) => void;
  /** Its program; tests put one that fails here. @default the endpoint's */
  readonly program?: string;
}

const ROOT = join(__dirname, '../..');
const PROGRAM = join(ROOT, 'endpoint/serve.entry.ts');
/** So long segments wait for its first start, which a busy machine draws out; then they spill to the cpu lane. */
const STARTS_WITHIN_MS = 120_000;
const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 60_000;

/** The gpu lane's model server as a child process: on the CPU, or on CUDA where there is one. Restarted when it dies. */
export class GpuServer {
  private child: ChildProcess | null = null;
  private address: string | null = null;
  private readonly startedMs = performance.now();
  private hasEnded = false;
  private pauseMs = FIRST_PAUSE_MS;
  private timer: NodeJS.Timeout | null = null;
  private isClosed = false;

  constructor(private readonly options: GpuServerOptions) {
    this.start();
  }

  /** Null while there is none. */
  get url(): string | null {
    return this.address;
  }

  /** Whether it is worth waiting for: one that has ended before may end again. */
  get isStarting(): boolean {
    const isFirst = this.address === null && !this.hasEnded;
    return isFirst && performance.now() - this.startedMs < STARTS_WITHIN_MS;
  }

  close(): void {
    this.isClosed = true;
    if (this.timer) clearTimeout(this.timer);
    this.child?.kill('SIGTERM');
  }

  private start(): void {
    const { modelFolder, decoders, device, program = PROGRAM } = this.options;
    const child = spawn(process.execPath, [join(ROOT, 'cli/run-typescript.js'), program], {
      env: {
        ...process.env,
        TIERWATCH_ENDPOINT_HOST: '127.0.0.1',
        SAGEMAKER_BIND_TO_PORT: '0',
        TIERWATCH_ENDPOINT_MODEL: modelFolder,
        TIERWATCH_ENDPOINT_DEVICE: device,
        TIERWATCH_ENDPOINT_DECODERS: String(decoders),
      },
      // It ends with its parent, however that ends: the channel tells.
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    this.child = child;
    let lastWords = '';
    child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      lastWords = (lastWords + text).slice(-500);
    });
    createInterface({ input: child.stdout! }).on('line', (line) => this.hear(line));
    child.once('exit', (code, signal) => {
      this.address = null;
      this.hasEnded = true;
      if (this.isClosed) return;
      const how = signal ? `signal ${signal}` : `exit code ${code}`;
      const why = lastWords.trim().split('\n')[0];
      this.options.say(
        `the gpu lane's server ended (${how}${why ? `: ${why}` : ''}); its segments run on the cpu lane until it is back`,
      );
      this.timer = setTimeout(() => this.start(), this.pauseMs);
      this.pauseMs = Math.min(LONGEST_PAUSE_MS, this.pauseMs * 2);
    });
  }

  private hear(line: string): void {
    try {
      const { message, port } = JSON.parse(line) as { message: string; port?: number };
      if (message !== 'ready') return;
      this.address = `http://127.0.0.1:${port}`;
      this.pauseMs = FIRST_PAUSE_MS;
    } catch {
      // Not a line of its log.
    }
  }
}
