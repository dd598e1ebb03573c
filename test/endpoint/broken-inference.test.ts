import { createHash } from 'node:crypto';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Manifest } from '../../core/manifest';
import { decodeModel, encodeModel, integerTensor, node } from '../../model-build/onnx/model';
import { invoke, LOBBY, startServer } from './server-process';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tierwatch-broken-'));
  cpSync('model-build/default', folder, { recursive: true });
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Makes each graph of the bundle fail at a run of more than one picture: it loads, warms up, and then works no more. */
function takeOnePictureARun(): void {
  const manifest = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')) as Manifest;
  const files = manifest.files.map((one) => {
    const path = join(folder, one.file);
    const model = decodeModel(path, readFileSync(path));
    const { graph } = model;
    const single = integerTensor('single', [4], [1, one.heightPx, one.widthPx, 3]);
    const rest = graph.node.map((each) => ({
      ...each,
      input: each.input.map((name) => (name === 'images' ? 'one-image' : name)),
    }));
    const reshape = node('Reshape', ['images', 'single'], ['one-image']);
    const bytes = encodeModel({
      ...model,
      graph: { ...graph, node: [reshape, ...rest], initializer: [...graph.initializer, single] },
    });
    writeFileSync(path, bytes);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    return { ...one, sha256, bytes: bytes.length };
  });
  writeFileSync(join(folder, 'manifest.json'), JSON.stringify({ ...manifest, files }));
}

it('ends with an error once no batch can be inferred any more, so that another server is started', async () => {
  takeOnePictureARun();
  const server = await startServer({ TIERWATCH_ENDPOINT_MODEL: folder });
  const statuses: number[] = [];
  for (let request = 0; request < 3; request++) {
    // The last is answered while the server ends.
    const response = await invoke(server, LOBBY).catch(() => null);
    if (response) statuses.push(response.status);
  }
  expect([new Set(statuses), await server.ended]).toEqual([new Set([500]), 1]);
}, 120_000);
