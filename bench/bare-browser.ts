import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const FLAGS = [
  '--headless=new',
  '--no-sandbox',
  '--disable-gpu',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--remote-debugging-port=0',
];
const LOOKS_EVERY_MS = 100;
const WAITS_MS = 90_000;

type Params = Readonly<Record<string, unknown>>;
type Heard = (params: never) => void;

/**
 * A Chromium with nothing switched on that people’s browsers have not: a driver such as Playwright has it record
 * every answer that a page gets, in the page’s own process.
 */
export class BareBrowser {
  private lastId = 0;
  private readonly answers = new Map<number, PromiseWithResolvers<never>>();
  private readonly listeners = new Map<string, Heard>();

  private constructor(
    private readonly child: ChildProcess,
    private readonly socket: WebSocket,
    private readonly folder: string,
  ) {
    socket.addEventListener('message', ({ data }) => this.hear(String(data)));
  }

  static async launch(executablePath: string): Promise<BareBrowser> {
    const folder = mkdtempSync(join(tmpdir(), 'tierwatch-chromium-'));
    const child = spawn(executablePath, [...FLAGS, `--user-data-dir=${folder}`, 'about:blank'], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const socket = new WebSocket(await devtoolsAddress(child));
    await once(socket, 'open');
    return new BareBrowser(child, socket, folder);
  }

  async send<Answer>(method: string, params: Params = {}, sessionId?: string): Promise<Answer> {
    const id = ++this.lastId;
    const answer = Promise.withResolvers<never>();
    this.answers.set(id, answer);
    this.socket.send(JSON.stringify({ id, method, params, sessionId }));
    return answer.promise;
  }

  /** The next event of a name. */
  next<Event>(method: string): Promise<Event> {
    return new Promise((resolve) => this.listeners.set(method, resolve as Heard));
  }

  async open(url: string, size: { readonly width: number; readonly height: number }) {
    const { targetId } = await this.send<{ targetId: string }>('Target.createTarget', { url });
    const { sessionId } = await this.send<{ sessionId: string }>('Target.attachToTarget', {
      targetId,
      flatten: true,
    });
    const metrics = { ...size, deviceScaleFactor: 1, mobile: false };
    await this.send('Emulation.setDeviceMetricsOverride', metrics, sessionId);
    return new BarePage(this, sessionId);
  }

  async close(): Promise<void> {
    const exited = once(this.child, 'exit');
    this.child.kill('SIGTERM');
    await exited;
    this.socket.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private hear(text: string): void {
    const { id, result, error, method, params } = JSON.parse(text);
    if (id === undefined) {
      this.listeners.get(method)?.(params as never);
      this.listeners.delete(method);
      return;
    }
    const answer = this.answers.get(id);
    this.answers.delete(id);
    if (error) answer?.reject(new Error(`${error.message} ${error.data ?? ''}`));
    else answer?.resolve(result as never);
  }
}

export class BarePage {
  constructor(
    private readonly browser: BareBrowser,
    private readonly sessionId: string,
  ) {}

  send<Answer>(method: string, params: Params = {}): Promise<Answer> {
    return this.browser.send<Answer>(method, params, this.sessionId);
  }

  async evaluate<Value>(expression: string): Promise<Value> {
    const { result, exceptionDetails } = await this.send<{
      result: { value: Value };
      exceptionDetails?: { text: string; exception?: { description?: string } };
    }>('Runtime.evaluate', { expression, awaitPromise: true, returnByValue: true });
    if (!exceptionDetails) return result.value;
    throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
  }

  /** @throws {Error} where it does not hold within 90 s */
  async until(expression: string): Promise<void> {
    for (const startedMs = performance.now(); performance.now() - startedMs < WAITS_MS; ) {
      if (await this.evaluate<boolean>(`Boolean(${expression})`)) return;
      await new Promise((resolve) => setTimeout(resolve, LOOKS_EVERY_MS));
    }
    throw new Error(`expected this to hold within ${WAITS_MS / 1000} s: ${expression}`);
  }
}

function devtoolsAddress(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    createInterface({ input: child.stderr! }).on('line', (line) => {
      const address = /DevTools listening on (ws:\S+)/.exec(line)?.[1];
      if (address) resolve(address);
    });
    child.once('exit', (code) => reject(new Error(`Chromium ended ${code} without an address`)));
  });
}
