import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { Hono } from 'hono';

/** Handed on as they are. */
const ATTRIBUTES = 'x-amzn-sagemaker-custom-attributes';

export interface Forwarder {
  readonly url: string;
  /** CustomAttributes of each request that was handed on. */
  readonly attributes: readonly (string | undefined)[];
  /** What the endpoint is from now on; null: it is in service. */
  fail(
    error: { readonly status: number; readonly type: string; readonly message: string } | null,
  ): void;
  stop(): void;
}

/**
 * SageMaker's runtime API on loopback: hands InvokeEndpoint to our own model server, and refuses names of
 * endpoints that were never made, as SageMaker does. moto answers for any name.
 */
export async function startForwarder(endpointName: string, target: string): Promise<Forwarder> {
  const attributes: (string | undefined)[] = [];
  let failure: Parameters<Forwarder['fail']>[0] = null;
  const app = new Hono();
  app.post('/endpoints/:name/invocations', async (c) => {
    const refuse = (status: number, type: string, message: string, more: object = {}) =>
      Response.json({ message, ...more }, { status, headers: { 'x-amzn-errortype': type } });
    if (c.req.param('name') !== endpointName) {
      return refuse(400, 'ValidationError', `Endpoint ${c.req.param('name')} not found.`);
    }
    if (failure) return refuse(failure.status, failure.type, failure.message);
    const said = c.req.header(ATTRIBUTES);
    attributes.push(said);
    const answer = await fetch(`${target}/invocations`, {
      method: 'POST',
      headers: {
        'content-type': c.req.header('content-type')!,
        ...(said === undefined ? {} : { [ATTRIBUTES]: said }),
      },
      body: await c.req.arrayBuffer(),
    });
    const text = await answer.text();
    if (answer.ok) {
      return new Response(text, {
        headers: {
          'content-type': 'application/json',
          'x-amzn-invoked-production-variant': 'main',
        },
      });
    }
    // The container's own status travels inside SageMaker's 424.
    return refuse(424, 'ModelError', `Received ${answer.status} from primary`, {
      OriginalStatusCode: answer.status,
      OriginalMessage: text,
    });
  });
  const server = createServer(getRequestListener(app.fetch));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    attributes,
    fail: (error) => {
      failure = error;
    },
    stop: () => server.close(),
  };
}
