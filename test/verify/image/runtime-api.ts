import { randomUUID } from 'node:crypto';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';

/** What a function reported of itself, as Lambda hands it to who has invoked it. */
export class FunctionError extends Error {
  override readonly name = 'FunctionError';
}

interface Invocation {
  readonly id: string;
  readonly event: unknown;
  readonly deadlineMs: number;
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: Error) => void;
}

const INVOCATION = /^\/2018-06-01\/runtime\/invocation\/([^/]+)\/(response|error)$/;

/**
 * The Runtime API that a function's process asks for work, on loopback, for one process: one event at a time, each with a
 * deadline. Ours; it freezes nothing and limits nothing.
 * https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
 */
export class RuntimeApi {
  private readonly server = createServer((request, response) => {
    void this.answer(request.url ?? '', { request, response });
  });
  private readonly queue: Invocation[] = [];
  private readonly open = new Map<string, Invocation>();
  private asking: ServerResponse | null = null;
  private readonly started = Promise.withResolvers<void>();

  /** Settled once the process has asked for its first event: its init phase is over. */
  readonly ready: Promise<void> = this.started.promise;

  /** @returns the address, as `AWS_LAMBDA_RUNTIME_API` has it */
  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** @throws {FunctionError} what the function threw, or that its process ended */
  invoke(event: unknown, timeoutSeconds: number): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const deadlineMs = Date.now() + timeoutSeconds * 1000;
      this.queue.push({ id: randomUUID(), event, deadlineMs, resolve, reject });
      this.hand();
    });
  }

  /** The process has ended: nobody answers what it was given. */
  ended(how: string): void {
    const error = new FunctionError(how);
    this.started.reject(error);
    for (const { reject } of [...this.open.values(), ...this.queue]) reject(error);
  }

  close(): void {
    this.server.closeAllConnections();
    this.server.close();
  }

  private hand(): void {
    const [response, invocation] = [this.asking, this.queue[0]];
    if (!response || !invocation) return;
    this.asking = null;
    this.queue.shift();
    this.open.set(invocation.id, invocation);
    response.writeHead(200, {
      'content-type': 'application/json',
      'lambda-runtime-aws-request-id': invocation.id,
      'lambda-runtime-deadline-ms': String(invocation.deadlineMs),
      'lambda-runtime-invoked-function-arn':
        'arn:aws:lambda:us-east-1:123456789012:function:verify',
    });
    response.end(JSON.stringify(invocation.event));
  }

  private async answer(
    url: string,
    { request, response }: { request: Parameters<typeof json>[0]; response: ServerResponse },
  ): Promise<void> {
    if (url === '/2018-06-01/runtime/invocation/next') {
      this.asking = response;
      this.started.resolve();
      this.hand();
      return;
    }
    const said = await json(request).catch(() => null);
    const [, id, kind] = INVOCATION.exec(url) ?? [];
    const invocation = id === undefined ? undefined : this.open.get(id);
    if (url === '/2018-06-01/runtime/init/error') this.ended(messageOf(said));
    else if (!invocation) {
      response.writeHead(404).end();
      return;
    } else {
      this.open.delete(invocation.id);
      if (kind === 'response') invocation.resolve(said);
      else invocation.reject(new FunctionError(messageOf(said)));
    }
    response.writeHead(202, { 'content-type': 'application/json' }).end('{"status":"OK"}');
  }
}

function messageOf(said: unknown): string {
  const { errorType, errorMessage } = (said ?? {}) as Record<string, unknown>;
  return `${errorType}: ${errorMessage}`;
}
