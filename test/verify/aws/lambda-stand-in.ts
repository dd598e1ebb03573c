import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/**
 * Lambda's Invoke on loopback, for one function of ours: moto needs Docker for it. An error of the function is
 * answered as Lambda does, without its class.
 */
export async function startLambda(
  functionName: string,
  handler: (event: unknown) => Promise<unknown>,
): Promise<{ readonly url: string; stop(): void }> {
  const server = createServer(async (request, response) => {
    const name = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/.exec(request.url ?? '')?.[1];
    if (decodeURIComponent(name ?? '') !== functionName) {
      response.writeHead(404, { 'x-amzn-errortype': 'ResourceNotFoundException' }).end('{}');
      return;
    }
    try {
      response.end(JSON.stringify(await handler(JSON.parse(await text(request)))));
    } catch (error) {
      response.setHeader('x-amz-function-error', 'Unhandled');
      response.end(JSON.stringify({ errorMessage: (error as Error).message }));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: () => server.close(),
  };
}
