import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { getModel } from '../../model-build/get';
import { encodeModel } from '../../model-build/onnx/model';
import { describeWithShared } from '../shared-folder';
import { NAMES, smallYolov9 } from './exported';

const YOLOX_RECIPE = join(__dirname, '../../model-build/recipes/yolox-nano.yaml');
const weights = encodeModel(smallYolov9());
const server = createServer((request, response) => {
  if (request.url === '/good.onnx') response.end(weights);
  else if (request.url === '/moved.onnx') {
    response.writeHead(302, { location: '/good.onnx' }).end();
  } else if (request.url === '/bad.onnx') response.end(weights.subarray(1));
  else response.writeHead(404).end();
});
let folder: string;
let origin: string;
let closedOrigin: string;

async function listen(at: Server): Promise<string> {
  await new Promise<void>((listening) => at.listen(0, '127.0.0.1', listening));
  return `http://127.0.0.1:${(at.address() as AddressInfo).port}`;
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tierwatch-get-test-'));
  origin = await listen(server);
  const closed = createServer();
  closedOrigin = await listen(closed);
  await new Promise((gone) => closed.close(gone));
  writeFileSync(join(folder, 'names.txt'), NAMES.join('\n'));
});
afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Gets a small model by a recipe of this name, its keys changed. */
function get(name: string, changes: () => Record<string, unknown> = () => ({})) {
  const recipe = {
    url: `${origin}/${name}.onnx`,
    sha256: createHash('sha256').update(weights).digest('hex'),
    ...{ family: 'yolov9', classes: join(folder, 'names.txt'), keep: ['person'] },
    ...{ inputs: ['96x96'], licence: 'MIT', source: 'https://example.org' },
    ...changes(),
  };
  writeFileSync(join(folder, `${name}.yaml`), JSON.stringify(recipe));
  return getModel({ name, out: join(folder, 'out', name), recipes: folder });
}

describe('model get', () => {
  it.each(['good', 'moved'])('downloads, verifies and imports by a recipe: %s', async (name) => {
    const manifest = await get(name);
    expect([manifest.name, manifest.classes, manifest.files.map(({ file }) => file)]).toEqual([
      ...[name, ['person'], ['fp32-96x96.onnx']],
    ]);
    expect(readdirSync(join(folder, 'out', name)).sort()).toEqual([
      ...['check-1.jpg', 'check-2.jpg', 'check-3.jpg', 'fp32-96x96.onnx', 'manifest.json'],
    ]);
  });

  it.each([
    [
      'bad',
      undefined,
      /\/bad\.onnx": expected sha256 [0-9a-f]{64}, found [0-9a-f]{64}; the file there/,
    ],
    [
      'gone',
      undefined,
      /\/gone\.onnx": expected the weights, found HTTP status 404; check the URL$/,
    ],
    [
      'silent',
      () => ({ url: `${closedOrigin}/x.onnx` }),
      /from 127\.0\.0\.1:\d+, found none \(ECONNREFUSED\); check the network/,
    ],
    [
      'local',
      () => ({ url: 'file:///etc/passwd' }),
      /local\.yaml": url: .*yolox-nano\.yaml shows what/,
    ],
    ['bare', () => ({ licence: undefined }), /bare\.yaml": licence: .*yolox-nano\.yaml shows what/],
  ])('refuses in one sentence and leaves nothing: %s', async (name, changes, sentence) => {
    await expect(get(name, changes)).rejects.toThrow(sentence);
    expect(existsSync(join(folder, 'out', name))).toBe(false);
    expect(readdirSync(folder).filter((entry) => entry.endsWith('.part'))).toEqual([]);
  });

  it('names the recipes there are for one that is not', async () => {
    await expect(getModel({ name: 'yolo-nano', out: 'never' })).rejects.toThrow(
      /expected a recipe \(yolox-nano\)/,
    );
  });
});

describeWithShared('the recipe of yolox-nano', (shared) => {
  it('is of the real weights, and makes both shapes of them', async () => {
    const real = readFileSync(join(shared, 'models/yolox_nano.onnx'));
    const mirror = createServer((_, response) => response.end(real));
    const recipe = readFileSync(YOLOX_RECIPE, 'utf8');
    const url = `url: ${await listen(mirror)}/yolox_nano.onnx`;
    writeFileSync(join(folder, 'yolox.yaml'), recipe.replace(/^url: .*$/m, url));
    try {
      const out = join(folder, 'out/yolox');
      const manifest = await getModel({ name: 'yolox', out, recipes: folder });
      expect(manifest.files.map(({ file }) => file)).toEqual([
        ...['fp32-256x416.onnx', 'fp32-416x416.onnx'],
      ]);
    } finally {
      mirror.close();
    }
  });
});
