import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';

/**
 * moto does not know UpdateEndpoint: in front of it on loopback, this takes that one call, refuses names of what is not
 * there, and has DescribeEndpoint tell of it. Everything else is moto's.
 */
export async function startUpdates(moto: string): Promise<{ url: string; stop(): void }> {
  const served = new Map<string, string>();
  const forward = async (request: Request, body: string, target?: string): Promise<Response> => {
    const headers = new Headers(request.headers);
    if (target) headers.set('x-amz-target', target);
    for (const name of ['host', 'connection', 'content-length', 'accept-encoding', 'expect']) {
      headers.delete(name);
    }
    const { pathname, search } = new URL(request.url);
    const { method } = request;
    const sent = method === 'GET' || method === 'HEAD' ? {} : { body };
    const answer = await fetch(`${moto}${pathname}${search}`, { method, headers, ...sent });
    const type = answer.headers.get('content-type') ?? 'application/json';
    const text = await answer.text();
    return new Response(text, { status: answer.status, headers: { 'content-type': type } });
  };
  const server = createServer(
    getRequestListener(async (request) => {
      const target = request.headers.get('x-amz-target') ?? '';
      const body = await request.text();
      if (target === 'SageMaker.UpdateEndpoint') {
        const { EndpointName, EndpointConfigName } = JSON.parse(body);
        for (const kind of ['Endpoint', 'EndpointConfig']) {
          const there = await forward(request, body, `SageMaker.Describe${kind}`);
          if (!there.ok) return there;
        }
        served.set(EndpointName, EndpointConfigName);
        return Response.json({
          EndpointArn: `arn:aws:sagemaker:us-east-1::endpoint/${EndpointName}`,
        });
      }
      const answer = await forward(request, body);
      if (target !== 'SageMaker.DescribeEndpoint' || !answer.ok) return answer;
      const described = (await answer.json()) as Record<string, string>;
      const EndpointConfigName =
        served.get(described.EndpointName!) ?? described.EndpointConfigName;
      return Response.json({ ...described, EndpointConfigName });
    }),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: () => server.close(),
  };
}
