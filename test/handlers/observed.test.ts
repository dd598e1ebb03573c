import { createSocket } from 'node:dgram';
import { afterEach, beforeAll, expect, it, vi } from 'vitest';

beforeAll(() => {
  const given = { AWS_LAMBDA_FUNCTION_NAME: 'verify', POWERTOOLS_DEV: 'true' };
  Object.assign(process.env, given, {
    POWERTOOLS_TRACE_ENABLED: 'false',
    POWERTOOLS_METRICS_DISABLED: 'false',
  });
});
afterEach(() => vi.restoreAllMocks());

interface Emf {
  readonly _aws: {
    readonly CloudWatchMetrics: readonly {
      readonly Namespace: string;
      readonly Dimensions: readonly (readonly string[])[];
      readonly Metrics: readonly { readonly Name: string }[];
    }[];
  };
}

it('tells CloudWatch of metrics by environment, tier and lane, and by nothing else: alarms look for exactly that', async () => {
  const printed: string[] = [];
  vi.spyOn(console, 'log').mockImplementation((line: string) => void printed.push(line));
  const { observed } = await import('../../handlers/observed');
  const { telemetry, observe } = observed('route', 'dev');
  const handler = observe(async () => {
    telemetry.count('staleFleetConfig', 1);
    telemetry.count('segments', 1, { tier: 'low', lane: 'cpu' });
  });
  await handler({}, { functionName: 'route' } as never);
  const told = printed
    .map((line) => JSON.parse(line) as Emf)
    .flatMap(({ _aws }) => _aws.CloudWatchMetrics)
    .map(({ Namespace, Dimensions, Metrics }) => [Namespace, Metrics[0]!.Name, Dimensions]);
  expect(told.filter(([, name]) => name !== 'ColdStart')).toEqual([
    ['Tierwatch', 'segments', [['environment', 'tier', 'lane']]],
    ['Tierwatch', 'staleFleetConfig', [['environment']]],
  ]);
});

it('traces an event by X-Ray where that is on, its failure among it', async () => {
  const daemon = createSocket('udp4');
  const sent: string[] = [];
  daemon.on('message', (message) => sent.push(message.toString()));
  await new Promise<void>((resolve) => daemon.bind(0, '127.0.0.1', resolve));
  Object.assign(process.env, {
    POWERTOOLS_TRACE_ENABLED: 'true',
    POWERTOOLS_DEV: 'false',
    AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
    AWS_XRAY_DAEMON_ADDRESS: `127.0.0.1:${daemon.address().port}`,
    LAMBDA_TASK_ROOT: '/var/task',
    _HANDLER: 'handlers/route.handler',
    _X_AMZN_TRACE_ID: 'Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1',
  });
  vi.resetModules();
  const { observed } = await import('../../handlers/observed');
  const { observe } = observed('route', 'dev');
  const handler = observe(async () => Promise.reject(new Error('out of reach')));
  await expect(handler({}, { functionName: 'route' } as never)).rejects.toThrow('out of reach');
  await vi.waitFor(() => expect(sent.join()).toContain('## handlers/route.handler'), 60_000);
  expect(sent.join()).toContain('out of reach');
  daemon.close();
});
