import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import lock from '../../package-lock.json';

it('is of the version of ONNX Runtime that loads it, by its hash', () => {
  const { version } = lock.packages['node_modules/onnxruntime-node'];
  const lines = readFileSync('endpoint/requirements-cuda.txt', 'utf8').trim().split('\n');
  expect(lines.filter((line) => !line.startsWith('#'))).toEqual([
    expect.stringMatching(new RegExp(`^onnxruntime-gpu==${version} --hash=sha256:[0-9a-f]{64}$`)),
  ]);
});
