import { spawn } from 'node:child_process';
import { TierwatchError } from '../../core/errors';
import type { NotifyTarget } from '../../core/fleet/schema';
import type { HealthAlert } from '../../core/health';
import { type Notification, notificationOf } from '../../core/notification';
import type { Notifier } from '../../core/ports';
import type { Alert } from '../../core/segment-result';

/** An alert could not be handed over; it stays pending and is sent again. */
export class NotifyError extends TierwatchError {
  override readonly name = 'NotifyError';
  constructor(target: string, found: string, cause?: unknown) {
    super(
      `"${target}": expected the alert to be taken, found ${found}; it stays pending and is sent again`,
      { code: 'notify', retryable: true, cause },
    );
  }
}

const TIMEOUT_MS = 10_000;
const MAX_COMPLAINT_CHARACTERS = 200;

/** Hands alerts to the fleet's targets: a webhook (JSON), a command (JSON on stdin) or stdout. */
export class LocalNotifier implements Notifier {
  /**
   * @param targets `notify` of the fleet file, by name
   * @param print takes one line of JSON for a target on stdout
   * @param timeoutMs longest wait for a webhook or command
   */
  constructor(
    private readonly targets: Readonly<Record<string, NotifyTarget>>,
    private readonly print: (line: string) => void,
    private readonly timeoutMs = TIMEOUT_MS,
  ) {}

  /** @throws {NotifyError} */
  async send(alert: Alert | HealthAlert): Promise<void> {
    const name = alert.notify ?? '';
    const target = Object.hasOwn(this.targets, name) ? this.targets[name] : null;
    if (!target) throw new NotifyError(name, 'no target of this name in the fleet file');
    const notification = notificationOf(alert);
    if ('stdout' in target) this.print(JSON.stringify(notification));
    else if ('webhook' in target) await post(target.webhook, notification, this.timeoutMs);
    else await runCommand(target.command, notification, this.timeoutMs);
  }
}

async function post(url: string, notification: Notification, timeoutMs: number): Promise<void> {
  const { protocol, origin } = new URL(url);
  if (protocol !== 'http:' && protocol !== 'https:') {
    throw new NotifyError(url, `the protocol ${protocol}, which is neither http nor https`);
  }
  // The path of a webhook is often its secret: complaints name the host alone.
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': notification.id },
    body: JSON.stringify(notification),
    redirect: 'error',
    signal: AbortSignal.timeout(timeoutMs),
  }).catch((cause: unknown) => {
    throw new NotifyError(origin, `no answer within ${timeoutMs} ms`, cause);
  });
  await response.body?.cancel();
  if (!response.ok) throw new NotifyError(origin, `status ${response.status}`);
}

function runCommand(
  command: readonly string[],
  notification: Notification,
  timeoutMs: number,
): Promise<void> {
  const [program = '', ...values] = command;
  return new Promise((resolve, reject) => {
    const child = spawn(program, values, {
      stdio: ['pipe', 'ignore', 'pipe'],
      timeout: timeoutMs,
      killSignal: 'SIGKILL',
    });
    let complaint = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      complaint = `${complaint}${text}`.slice(-MAX_COMPLAINT_CHARACTERS);
    });
    child.on('error', (cause) =>
      reject(new NotifyError(program, `that it can't be started: ${cause.message}`, cause)),
    );
    child.on('exit', (code, signal) => {
      const how = signal
        ? `that it was ended by ${signal} (it may take ${timeoutMs} ms)`
        : `exit code ${code}`;
      if (code === 0) resolve();
      else reject(new NotifyError(program, [how, complaint.trim()].filter(Boolean).join(': ')));
    });
    // A command that does not read its input ends on its own terms: the exit code tells.
    child.stdin.on('error', () => {});
    child.stdin.end(`${JSON.stringify(notification)}\n`);
  });
}
