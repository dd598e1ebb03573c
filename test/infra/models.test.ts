import {
  appendFileSync,
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as pulumi from '@pulumi/pulumi';
import { list } from 'tar';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseFleet } from '../../core/fleet/parse';
import type { Statement } from '../../core/iam/evaluate';
import { infraConfigSchema } from '../../core/infra-config';
import { readModel } from '../../infra/config';
import { packModel } from '../../infra/model-archive';
import type { ModelSource } from '../../infra/models';
import { createPlatform } from '../../infra/platform';
import { runProgram } from './mocks';

const BUNDLE = join(__dirname, '../../model-build/default');
const GIVEN = { owner: 'a', fleet: 'f', budgetUsdPerMonth: 1, budgetEmails: ['a@example.com'] };
const GPU = {
  image: '123456789012.dkr.ecr.us-east-1.amazonaws.com/tierwatch-endpoint:v1',
  schedules: [{ cron: 'cron(0 7 ? * * *)', timezone: 'UTC', min: 1, max: 1 }],
};

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tierwatch-models-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The default bundle somewhere else, copied in another order, its files of another day. */
function copyOf(name: string): string {
  const to = join(folder, name);
  for (const file of readdirSync(BUNDLE).reverse()) {
    cpSync(join(BUNDLE, file), join(to, file), { recursive: true });
    utimesSync(join(to, file), 1e9, 1e9);
  }
  return to;
}

describe('a packed model', () => {
  it('is the same bytes for the same bundle, wherever and whenever it was packed', async () => {
    const one = packModel(BUNDLE, join(folder, 'one'));
    const other = packModel(copyOf('copy'), join(folder, 'other'));
    expect(other.sha256).toBe(one.sha256);
    expect(readFileSync(other.file)).toEqual(readFileSync(one.file));
    const names: string[] = [];
    await list({ file: one.file, onReadEntry: ({ path }) => names.push(path) });
    expect(names).toEqual([
      'check-1.jpg',
      'check-2.jpg',
      'check-3.jpg',
      'fp32-192x320.onnx',
      'int8-192x320.onnx',
      'manifest.json',
    ]);
  });

  it('is refused where a graph was changed, or the folder is no bundle', () => {
    const changed = copyOf('changed');
    appendFileSync(join(changed, 'int8-192x320.onnx'), 'x');
    expect(() => packModel(changed, folder)).toThrow(
      /"[^"]*int8-192x320.onnx": expected sha256 [0-9a-f]{64} as the manifest says, found/,
    );
    expect(() => packModel(join(folder, 'nowhere'), folder)).toThrow(
      /expected a model bundle with "manifest.json" in ".*nowhere", found none/,
    );
  });

  it('is refused where its sha256 is not the one that was written', () => {
    const sha256 = 'a'.repeat(64);
    const config = infraConfigSchema.parse({
      ...GIVEN,
      model: { bundle: 'model-build/default', sha256 },
    });
    expect(() => readModel(config)).toThrow(
      new RegExp(`tierwatch:model.sha256: expected ${sha256}, found [0-9a-f]{64} of "model-build`),
    );
    const parsed = infraConfigSchema.safeParse({
      ...GIVEN,
      model: { bundle: 's3://models/a.tar.gz' },
    });
    expect(parsed.error?.issues.map(({ path }) => path)).toEqual([['model', 'sha256']]);
  });
});

describe('an environment with a model', () => {
  const made = (model: ModelSource, gpu: object = GPU) => {
    const config = infraConfigSchema.parse({ ...GIVEN, gpu });
    const fleet = parseFleet('fleet.yaml', 'cameras: { site/door: {} }');
    const program = () => createPlatform({ environment: 'dev', config, fleet, model });
    return runProgram(program, { stack: 'dev' });
  };
  const variablesOf = (inputs: Readonly<Record<string, unknown>>) =>
    (inputs.environment as { variables: Record<string, string> }).variables;

  it.each([
    [
      'packed here',
      { name: 'demo', file: '/tmp/a.tar.gz', sha256: 'b'.repeat(64) },
      `tierwatch-dev-models-id/demo/${'b'.repeat(64)}.tar.gz`,
    ],
    [
      'in S3 already: the line of a roll-back',
      { uri: 's3://tierwatch-dev-models-1/demo/old.tar.gz', sha256: 'c'.repeat(64) },
      'tierwatch-dev-models-1/demo/old.tar.gz',
    ],
  ])(
    'gives every function that reads a model, and the endpoints, the same archive, %s',
    async (_, source, place) => {
      const asked = await made(source, { ...GPU, async: {} });
      const find = (type: string, name: string) =>
        asked.find((one) => one.type === type && one.name === `tierwatch-dev${name}`)!.inputs;
      const readers = (name: string) => {
        const { policy } = find('aws:iam/rolePolicy:RolePolicy', name);
        const { Statement } = JSON.parse(String(policy)) as { Statement: Statement[] };
        return Statement.filter(({ Resource }) => String(Resource).endsWith(place));
      };
      const reading = {
        Effect: 'Allow',
        Action: ['s3:GetObject'],
        Resource: `arn:aws:s3:::${place}`,
      };
      for (const name of ['-route', '-detect-cpu', '-detect-gpu']) {
        expect(variablesOf(find('aws:lambda/function:Function', name))).toMatchObject({
          TIERWATCH_MODEL_ARCHIVE: `s3://${place}`,
          TIERWATCH_MODEL_SHA256: source.sha256,
        });
        expect(readers(name)).toEqual([reading]);
      }
      for (const name of ['-gpu', '-gpu-async']) {
        expect(find('aws:sagemaker/model:Model', name).primaryContainer).toMatchObject({
          modelDataUrl: `s3://${place}`,
          environment: { TIERWATCH_ENDPOINT_MODEL: '/opt/ml/model' },
        });
        expect(readers(name)).toEqual([reading]);
      }
      const versioning = find('aws:s3/bucketVersioning:BucketVersioning', '-models');
      expect(versioning.versioningConfiguration).toEqual({ status: 'Enabled' });
      const objects = asked.filter(({ name }) => name.startsWith('tierwatch-dev-models/'));
      expect(objects.map(({ inputs }) => inputs.source instanceof pulumi.asset.FileAsset)).toEqual(
        'file' in source ? [true] : [],
      );
    },
  );

  it('leaves the endpoint the one that gpu.model names', async () => {
    const model = 's3://models/high.tar.gz';
    const source = { uri: 's3://models/default.tar.gz', sha256: 'c'.repeat(64) };
    const asked = await made(source, { ...GPU, model });
    const models = asked.filter(({ type }) => type === 'aws:sagemaker/model:Model');
    expect(models.map(({ inputs }) => inputs.primaryContainer)).toMatchObject([
      { modelDataUrl: model },
    ]);
    const { policy } = asked.find(
      ({ type, name }) => type === 'aws:iam/rolePolicy:RolePolicy' && name === 'tierwatch-dev-gpu',
    )!.inputs;
    expect(String(policy)).toContain('"arn:aws:s3:::models/high.tar.gz"');
    expect(String(policy)).not.toContain('default.tar.gz');
  });
});
