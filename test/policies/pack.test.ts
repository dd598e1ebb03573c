import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { credentials } from '@grpc/grpc-js';
import { AnalyzerClient } from '@pulumi/pulumi/proto/analyzer_grpc_pb';
import {
  AnalyzeRequest,
  type AnalyzeResponse,
  type AnalyzerInfo,
  AnalyzerResourceOptions,
  ConfigureAnalyzerRequest,
  EnforcementLevel,
  PolicyConfig,
} from '@pulumi/pulumi/proto/analyzer_pb';
import { Empty } from 'google-protobuf/google/protobuf/empty_pb';
import { Struct } from 'google-protobuf/google/protobuf/struct_pb';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { version } from '../../policies/package.json';
import { strictLimits } from '../../policies/rule';
import { ALL_RULES } from '../../policies/rules';

const ROOT = join(__dirname, '../..');
const RUN = join(ROOT, 'node_modules/@pulumi/pulumi/cmd/run-policy-pack/index.js');

let pack: ChildProcess;
let client: AnalyzerClient;

/** Starts the pack as the engine does: in its own folder, by Pulumi's own loader. */
beforeAll(async () => {
  pack = spawn(process.execPath, [RUN, '127.0.0.1:1', '.'], {
    cwd: join(ROOT, 'policies'),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const port = await new Promise<string>((resolve, reject) => {
    pack.stdout?.once('data', (text) => resolve(String(text).trim()));
    pack.once('exit', (code) => reject(new Error(`the pack ended with ${code}`)));
  });
  client = new AnalyzerClient(`127.0.0.1:${port}`, credentials.createInsecure());
});

afterAll(() => {
  client.close();
  pack.kill();
});

it('boots as the engine starts it, and tells its rules, all mandatory', async () => {
  const ask = promisify(client.getAnalyzerInfo.bind(client)) as (
    request: Empty,
  ) => Promise<AnalyzerInfo>;
  const info = await ask(new Empty());
  expect([info.getName(), info.getVersion()]).toEqual(['tierwatch', version]);
  expect(info.getPoliciesList().map((one) => one.getName())).toEqual(
    ALL_RULES.map(({ name }) => name),
  );
  expect(new Set(info.getPoliciesList().map((one) => one.getEnforcementlevel()))).toEqual(
    new Set([1]),
  );
});

it('tells which limits of each rule an environment may set, with the strict values', async () => {
  const ask = promisify(client.getAnalyzerInfo.bind(client)) as (
    request: Empty,
  ) => Promise<AnalyzerInfo>;
  const told = (await ask(new Empty())).getPoliciesList().map((policy) => {
    const properties = policy.getConfigschema()?.getProperties()?.toJavaScript() ?? {};
    const strict = Object.entries(properties).map(([name, schema]) => [
      name,
      (schema as { default: unknown }).default,
    ]);
    return [policy.getName(), Object.fromEntries(strict)];
  });
  expect(told).toEqual(ALL_RULES.map((rule) => [rule.name, strictLimits(rule)]));
});

it('refuses a bad resource with the rule’s message, over the engine’s own protocol', async () => {
  expect(await found({ type: SOURCE, properties: { batchSize: 1 } })).toEqual([
    [
      'event-source-reports-partial-failures',
      MANDATORY,
      expect.stringContaining(
        '"detect-cpu": expected ReportBatchItemFailures, found none; set functionResponseTypes',
      ),
    ],
  ]);
});

it('goes by the level and the limits that an environment configures', async () => {
  const logs = { type: 'aws:cloudwatch/logGroup:LogGroup', properties: { retentionInDays: 14 } };
  const bounded = async () =>
    (await found(logs)).filter(([name]) => name === 'log-retention-is-bounded');
  expect(await bounded()).toEqual([]);
  const message =
    '"detect-cpu": expected logs to be kept at most 7 days, found 14 days; set retentionInDays, or raise the limit of this environment in policies/<environment>.json';
  for (const [level, expected] of [
    [MANDATORY, [MANDATORY]],
    [ADVISORY, [ADVISORY]],
    [DISABLED, []],
  ] as const) {
    await configure('log-retention-is-bounded', level, { maxDays: 7 });
    const told = expected.map((one) => [
      'log-retention-is-bounded',
      one,
      expect.stringContaining(message),
    ]);
    expect(await bounded()).toEqual(told);
  }
});

const SOURCE = 'aws:lambda/eventSourceMapping:EventSourceMapping';
const { ADVISORY, MANDATORY, DISABLED } = EnforcementLevel;

/** What the pack says of a resource: rule, level, message. */
async function found({ type, properties }: { type: string; properties: object }) {
  const request = new AnalyzeRequest();
  request.setType(type);
  request.setName('detect-cpu');
  request.setUrn('urn:pulumi:test::tierwatch::x::detect-cpu');
  request.setOptions(new AnalyzerResourceOptions());
  request.setProperties(Struct.fromJavaScript({ ...properties }));
  const analyze = promisify(client.analyze.bind(client)) as (
    request: AnalyzeRequest,
  ) => Promise<AnalyzeResponse>;
  const diagnostics = (await analyze(request)).getDiagnosticsList();
  return diagnostics.map(
    (one) => [one.getPolicyname(), one.getEnforcementlevel(), one.getMessage()] as const,
  );
}

/** As `--policy-pack-config` has the engine do it. */
async function configure(
  rule: string,
  level: (typeof EnforcementLevel)[keyof typeof EnforcementLevel],
  limits: Readonly<Record<string, number>>,
): Promise<void> {
  const config = new PolicyConfig();
  config.setEnforcementlevel(level);
  config.setProperties(Struct.fromJavaScript(limits));
  const request = new ConfigureAnalyzerRequest();
  request.getPolicyconfigMap().set(rule, config);
  const ask = promisify(client.configure.bind(client)) as (
    request: ConfigureAnalyzerRequest,
  ) => Promise<Empty>;
  await ask(request);
}
