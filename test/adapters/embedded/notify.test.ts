import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { LocalNotifier } from '../../../adapters/embedded/notify';
import type { NotifyTarget } from '../../../core/fleet/schema';
import { notificationOf, notificationSchema } from '../../../core/notification';
import { alertAt } from '../../contracts/records';
import { cleanUpAfterEach, temporaryFolder } from './data-folder';

cleanUpAfterEach();
const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function serve(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<string> {
  const server = createServer(answer);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const ALERT = alertAt(0);
const NOTIFICATION = notificationOf(ALERT);
const send = (target: NotifyTarget, timeoutMs?: number) =>
  new LocalNotifier({ ops: target }, () => {}, timeoutMs).send(ALERT);
const node = (script: string): NotifyTarget => ({ command: [process.execPath, '-e', script] });

describe('a notification', () => {
  it('is the alert without its status, by its schema', () => {
    const { status: _, ...rest } = ALERT;
    expect(NOTIFICATION).toEqual({ kind: 'alert', ...rest });
    expect(notificationSchema.parse(NOTIFICATION)).toEqual(NOTIFICATION);
    expect(notificationSchema.safeParse({ ...NOTIFICATION, schemaVersion: 2 }).success).toBe(false);
  });
});

describe('a webhook', () => {
  it('is posted the notification as JSON with the id to deduplicate by', async () => {
    const got: unknown[] = [];
    const url = await serve(async (request, response) => {
      const body = Buffer.concat(await Array.fromAsync(request)).toString();
      const { 'content-type': type, 'idempotency-key': key } = request.headers;
      got.push({ method: request.method, path: request.url, type, key, body: JSON.parse(body) });
      response.writeHead(202).end();
    });
    await send({ webhook: `${url}/hook/secret` });
    expect(got).toEqual([
      {
        method: 'POST',
        path: '/hook/secret',
        type: 'application/json',
        key: 'alert-0',
        body: NOTIFICATION,
      },
    ]);
  });

  it('that answers 500 keeps the alert pending, without its secret path in the sentence', async () => {
    const url = await serve((_, response) => response.writeHead(500).end());
    await expect(send({ webhook: `${url}/hook/secret` })).rejects.toMatchObject({
      code: 'notify',
      retryable: true,
      message: `"${url}": expected the alert to be taken, found status 500; it stays pending and is sent again`,
    });
  });

  it('that does not answer is given up', async () => {
    const url = await serve(() => {});
    await expect(send({ webhook: url }, 50)).rejects.toThrow('found no answer within 50 ms');
  });

  it('is not followed elsewhere', async () => {
    let followed = 0;
    const elsewhere = await serve((_, response) => {
      followed++;
      response.end();
    });
    const url = await serve((_, response) =>
      response.writeHead(307, { location: elsewhere }).end(),
    );
    await expect(send({ webhook: url })).rejects.toThrow('expected the alert to be taken');
    expect(followed).toBe(0);
  });

  it('is http or https', async () => {
    await expect(send({ webhook: 'file:///etc/passwd' })).rejects.toThrow(
      'found the protocol file:, which is neither http nor https',
    );
  });
});

describe('a command', () => {
  it('reads the notification from its input, and no shell sees its arguments', async () => {
    const file = join(temporaryFolder(), 'got; touch $HOME');
    const script =
      "require('fs').writeFileSync(process.argv[1], require('fs').readFileSync(0, 'utf8'))";
    await send({ command: [process.execPath, '-e', script, file] });
    expect(readFileSync(file, 'utf8')).toBe(`${JSON.stringify(NOTIFICATION)}\n`);
  });

  it('that fails keeps the alert pending and says why', async () => {
    await expect(send(node("console.error('no route'); process.exit(7)"))).rejects.toThrow(
      'found exit code 7: no route;',
    );
  });

  it('that does not read its input and succeeds has taken it', async () => {
    await expect(send(node('process.exit(0)'))).resolves.toBeUndefined();
  });

  it('that hangs is killed', async () => {
    await expect(send(node('setInterval(() => {}, 1000)'), 50)).rejects.toThrow(
      'found that it was ended by SIGKILL (it may take 50 ms)',
    );
  });

  it('that does not exist keeps the alert pending', async () => {
    await expect(send({ command: ['no-such-program-of-tierwatch'] })).rejects.toThrow(
      "found that it can't be started",
    );
  });
});

describe('other targets', () => {
  it('print one line of JSON on stdout', async () => {
    const lines: string[] = [];
    await new LocalNotifier({ ops: { stdout: true } }, (line) => lines.push(line)).send(ALERT);
    expect(lines.map((line) => JSON.parse(line))).toEqual([NOTIFICATION]);
  });

  it('that the fleet file does not name are an error, not silence', async () => {
    const lines: string[] = [];
    const notifier = new LocalNotifier({ other: { stdout: true } }, (line) => lines.push(line));
    await expect(notifier.send(ALERT)).rejects.toThrow(
      '"ops": expected the alert to be taken, found no target of this name in the fleet file',
    );
    expect(lines).toEqual([]);
  });
});
