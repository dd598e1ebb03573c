import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { getModel } from '../../model-build/get';
import { describeWithShared } from '../shared-folder';

it('names the recipes there are for one that is not', async () => {
  await expect(getModel({ name: 'yolo-nano', out: 'never' })).rejects.toThrow(
    /expected a recipe \(yolox-nano\)/,
  );
});

describeWithShared('model get', (shared) => {
  it('downloads, verifies and imports by a recipe; other bytes are refused and nothing is left', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tierwatch-get-test-'));
    const weights = readFileSync(join(shared, 'models/yolox_nano.onnx'));
    const server = createServer((request, response) => {
      response.end(request.url === '/good.onnx' ? weights : weights.subarray(1));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const recipe = readFileSync(
      join(__dirname, '../../model-build/recipes/yolox-nano.yaml'),
      'utf8',
    );
    for (const name of ['good', 'bad']) {
      writeFileSync(
        join(folder, `${name}.yaml`),
        recipe.replace(/^url: .*$/m, `url: http://127.0.0.1:${port}/${name}.onnx`),
      );
    }
    try {
      const manifest = await getModel({ name: 'good', out: join(folder, 'out'), recipes: folder });
      expect(manifest.files.map(({ heightPx, widthPx }) => [heightPx, widthPx])).toEqual([
        [256, 416],
        [416, 416],
      ]);
      await expect(
        getModel({ name: 'bad', out: join(folder, 'no'), recipes: folder }),
      ).rejects.toThrow(/expected sha256 e8af07/);
      expect(existsSync(join(folder, 'no'))).toBe(false);
    } finally {
      server.close();
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
