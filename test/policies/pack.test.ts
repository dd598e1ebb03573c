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
} from '@pulumi/pulumi/proto/analyzer_pb';
import { Empty } from 'google-protobuf/google/protobuf/empty_pb';
import { Struct } from 'google-protobuf/google/protobuf/struct_pb';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { version } from '../../policies/package.json';
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

it('refuses a bad resource with the rule’s message, over the engine’s own protocol', async () => {
  const request = new AnalyzeRequest();
  request.setType('aws:lambda/eventSourceMapping:EventSourceMapping');
  request.setName('detect-cpu');
  request.setUrn('urn:pulumi:test::tierwatch::x::detect-cpu');
  request.setOptions(new AnalyzerResourceOptions());
  request.setProperties(Struct.fromJavaScript({ batchSize: 1 }));
  const analyze = promisify(client.analyze.bind(client)) as (
    request: AnalyzeRequest,
  ) => Promise<AnalyzeResponse>;
  const diagnostics = (await analyze(request)).getDiagnosticsList();
  expect(diagnostics.map((one) => [one.getPolicyname(), one.getMessage()])).toEqual([
    [
      'event-source-reports-partial-failures',
      expect.stringContaining(
        '"detect-cpu": expected ReportBatchItemFailures, found none; set functionResponseTypes',
      ),
    ],
  ]);
});
