import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { expect, vi } from 'vitest';
import { freePort } from '../aws/moto';
import { WAITS_MS } from './sight';

const ROOT = join(__dirname, '../../..');
const DEMO = join(ROOT, 'demo');
export const TOKEN = 'a-token-of-many-characters';

/** The real program over folders of its own; footage lands when a test says so. */
export class Program {
  private child: ChildProcess | null = null;

  private constructor(
    private readonly folder: string,
    readonly port: number,
    private readonly hasToken: boolean,
  ) {}

  static async open({ hasToken = false } = {}): Promise<Program> {
    const folder = mkdtempSync(join(tmpdir(), 'tierwatch-browser-'));
    mkdirSync(join(folder, 'footage'));
    cpSync(join(DEMO, 'fleet.yaml'), join(folder, 'fleet.yaml'));
    writeFileSync(join(folder, 'token'), `${TOKEN}\n`);
    const program = new Program(folder, await freePort(), hasToken);
    await program.start();
    return program;
  }

  get origin(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** The address of a page. */
  page(hash: string): string {
    return `${this.origin}/${hash}`;
  }

  /** Starts, or starts again on what is there. */
  async start(): Promise<void> {
    const at = (name: string): string => join(this.folder, name);
    const values = ['--footage', at('footage'), '--fleet', at('fleet.yaml'), '--data', at('data')];
    const token = this.hasToken ? ['--token-file', at('token')] : [];
    const child = spawn(
      process.execPath,
      [join(ROOT, 'cli/tierwatch.js'), 'start', ...values, '--port', `${this.port}`, ...token],
      { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ORT_DISABLE_TELEMETRY: '1' } },
    );
    this.child = child;
    await untilLine(child, /page: http/);
  }

  /** As a power cut would. */
  async kill(): Promise<void> {
    const child = this.child;
    this.child = null;
    if (!child || child.exitCode !== null) return;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  }

  /** Puts a segment of the demo into the footage folder, whole at once. @param from another segment’s file */
  land(key: string, from = key): void {
    this.landFile(demoFile(from), key);
  }

  /** As {@link land}, of any file. */
  landFile(from: string, key: string): void {
    const file = this.pathOf(key);
    mkdirSync(dirname(file), { recursive: true });
    cpSync(from, `${file}.part`);
    renameSync(`${file}.part`, file);
  }

  /** Puts segments there and waits until each is done. @param from another segment’s file, for all of them */
  async analyse(keys: readonly string[], from?: string): Promise<void> {
    for (const key of keys) this.land(key, from);
    await vi.waitFor(
      async () => {
        for (const key of keys) {
          expect((await fetch(this.page(`api/segments/${key}`))).status, key).toBe(200);
        }
      },
      { timeout: WAITS_MS, interval: 300 },
    );
  }

  /** Path of a segment in the footage folder. */
  pathOf(key: string): string {
    return join(this.folder, 'footage', key);
  }

  /** Has retention delete everything that was analysed, as it does hourly; starts again on what is left. */
  async enforceRetention(): Promise<void> {
    await this.kill();
    const at = (name: string): string => join(this.folder, name);
    cpSync(at('fleet.yaml'), at('expiring.yaml'));
    appendFileSync(at('expiring.yaml'), 'retention: { quietDays: 0, eventDays: 0 }\n');
    const values = [
      '--footage',
      at('footage'),
      '--fleet',
      at('expiring.yaml'),
      '--data',
      at('data'),
    ];
    const started = [join(ROOT, 'cli/tierwatch.js'), 'start', '--once', ...values];
    await promisify(execFile)(process.execPath, [...started, '--retention', 'enforce']);
    await this.start();
  }

  /** Takes footage away, as another program might. */
  expire(key: string): void {
    rmSync(join(this.folder, 'footage', key));
  }

  /** Everything that is stored of videos that were tried. */
  uploads(): string[] {
    const folder = join(this.folder, 'data/uploads');
    return existsSync(folder) ? readdirSync(folder, { recursive: true }).map(String).sort() : [];
  }

  async close(): Promise<void> {
    await this.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** A file of the demo’s footage. */
export function demoFile(key: string): string {
  return join(DEMO, 'footage', key);
}

async function untilLine(child: ChildProcess, wanted: RegExp): Promise<void> {
  let said = '';
  await new Promise<void>((resolve, reject) => {
    for (const stream of [child.stdout!, child.stderr!]) {
      createInterface(stream).on('line', (line) => {
        said += `${line}\n`;
        if (wanted.test(line)) resolve();
      });
    }
    child.once('exit', (code) => reject(new Error(`start ended ${code}\n${said}`)));
  });
  // The page itself may still be built.
  for (;;) {
    const url = /page: (http\S+)/.exec(said)![1]!;
    const { status } = await fetch(url);
    if (status === 200) return;
    if (status !== 503) throw new Error(`${url} answered ${status}\n${said}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
