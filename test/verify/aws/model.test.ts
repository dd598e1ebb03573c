import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import type { AwsClients } from '../../../adapters/aws/clients';
import { fetchModel } from '../../../adapters/aws/s3-model';
import { readBundle, readGraph } from '../../../adapters/onnx/bundle';
import { ModelBundleError } from '../../../adapters/onnx/errors';
import { packModel } from '../../../infra/model-archive';
import { clientsAt, createBucket } from './world';

const BUNDLE = join(__dirname, '../../../model-build/default');

let folder: string;
let clients: AwsClients;
let archive: { readonly uri: string; readonly sha256: string };
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tierwatch-model-test-'));
  clients = clientsAt(inject('motoEndpoint'));
  const bucket = await createBucket(clients, true);
  const { file, sha256 } = packModel(BUNDLE, folder);
  archive = { uri: `s3://${bucket}/demo/${sha256}.tar.gz`, sha256 };
  const put = (Key: string, Body: Buffer) =>
    clients.s3.send(new PutObjectCommand({ Bucket: bucket, Key, Body }));
  await put(`demo/${sha256}.tar.gz`, readFileSync(file));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('fetches what infra packed: the bundle itself, every graph as its manifest says', async () => {
  const fetched = await fetchModel(clients.s3, archive);
  try {
    const bundle = readBundle(fetched);
    expect(bundle.sha256).toBe(readBundle(BUNDLE).sha256);
    for (const graph of bundle.manifest.files) readGraph(bundle, graph);
    const { files, checks } = bundle.manifest;
    const named = [...files.map(({ file }) => file), ...checks.map(({ image }) => image)];
    expect(readdirSync(fetched).sort()).toEqual([...named, 'manifest.json'].sort());
  } finally {
    rmSync(fetched, { recursive: true });
  }
});

it('refuses an archive with another sha256, and leaves nothing of it', async () => {
  const before = readdirSync(tmpdir()).filter((name) => name.startsWith('tierwatch-model-'));
  const wrong = { ...archive, sha256: 'a'.repeat(64) };
  const refused = fetchModel(clients.s3, wrong);
  await expect(refused).rejects.toBeInstanceOf(ModelBundleError);
  await expect(refused).rejects.toThrow(
    `"${archive.uri}": expected sha256 ${wrong.sha256}, found ${archive.sha256}`,
  );
  expect(readdirSync(tmpdir()).filter((name) => name.startsWith('tierwatch-model-'))).toEqual(
    before,
  );
});
