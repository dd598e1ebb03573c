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
