import { spawn } from 'node:child_process';
import { TierwatchError } from '../../core/errors';
import type { NotifyTarget } from '../../core/fleet/schema';
import type { Notifier } from '../../core/ports';
import type { Alert } from '../../core/segment-result';

/** An alert could not be handed over; it stays pending and is sent again. */
export class NotifyError extends TierwatchError {
  override readonly name = 'NotifyError';
  constructor(target: string, found: string, cause?: unknown) {
    super(
      `"${target}": expected the alert to be taken, found ${found}; it stays pending and is sent again`,
      {
        code: 'notify',
        retryable: true,
        cause,
      },
    );
  }
}

const TIMEOUT_MS = 10_000;

/** Hands alerts to the fleet's targets: a webhook (JSON), a command (JSON on stdin) or stdout. */
export class LocalNotifier implements Notifier {
  constructor(
    private readonly targets: Readonly<Record<string, NotifyTarget>>,
    private readonly print: (line: string) => void,
  ) {}

  async send(alert: Alert): Promise<void> {
    const target = this.targets[alert.notify];
    const body = JSON.stringify({ ...alert, status: undefined });
    if (!target || 'stdout' in target) this.print(body);
    else if ('webhook' in target) await post(target.webhook, body);
    else await runCommand(target.command, body);
  }
}

async function post(url: string, body: string): Promise<void> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
    redirect: 'error',
    signal: AbortSignal.timeout(TIMEOUT_MS),
  }).catch((cause: unknown) => {
    throw new NotifyError(url, 'no answer', cause);
  });
  if (!response.ok) throw new NotifyError(url, `status ${response.status}`);
}

function runCommand(command: readonly string[], body: string): Promise<void> {
  const [program, ...values] = command;
  return new Promise((resolve, reject) => {
    const child = spawn(program!, values, {
      stdio: ['pipe', 'ignore', 'ignore'],
      timeout: TIMEOUT_MS,
    });
    child.on('error', (cause) => reject(new NotifyError(program!, 'no such program', cause)));
    child.on('exit', (code, signal) => {
      if (code === 0) resolve();
      else reject(new NotifyError(program!, signal ? `signal ${signal}` : `exit code ${code}`));
    });
    child.stdin.on('error', () => {});
    child.stdin.end(body);
  });
}
