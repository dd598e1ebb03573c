import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { OnnxDetector } from '../../adapters/onnx/onnx-detector';
import type { Manifest, Variant } from '../../core/manifest';

const DEFAULT = join(__dirname, '../../model-build/default');
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tierwatch-detector-'));
  cpSync(DEFAULT, folder, { recursive: true });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Keeps some graphs, forgets the choice, and names an fp16 graph of proven accuracy whose file is not there. */
function withHalf(...kept: Variant[]): void {
  const file = join(folder, 'manifest.json');
  const manifest: Manifest = JSON.parse(readFileSync(file, 'utf8'));
  const files = manifest.files.filter(({ variant }) => kept.includes(variant));
  const half = { ...files[0]!, variant: 'fp16', file: 'not-there.onnx' };
  const proven = manifest.accuracy
    .filter(({ variant }) => variant === 'int8')
    .map((row) => ({ ...row, variant: 'fp16' }));
  const accuracy = [...manifest.accuracy, ...proven];
  const changed = { ...manifest, files: [...files, half], accuracy, choice: [] };
  writeFileSync(file, JSON.stringify(changed));
}

async function load(): Promise<{ readonly variant: Variant; readonly said: readonly string[] }> {
  const said: string[] = [];
  const { variant } = await OnnxDetector.load(folder, { onChoice: (line) => said.push(line) });
  return { variant, said };
}

it('on a CPU neither takes nor opens half precision, and times nothing where one variant is left', async () => {
  withHalf('fp32');
  expect(await load()).toEqual({
    variant: 'fp32',
    said: [expect.stringMatching(/^tierwatch-demo: fp32, by the manifest for /)],
  });
});

it('on a CPU that the manifest does not know times all variants but half precision', async () => {
  withHalf('fp32', 'int8');
  const { variant, said } = await load();
  expect(['fp32', 'int8']).toContain(variant);
  expect(said).toEqual([
    expect.stringMatching(
      /^tierwatch-demo: (fp32|int8), timed here on 5 frames \(fp32 [\d.]+ ms, int8 [\d.]+ ms\)$/,
    ),
  ]);
});
