import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readBundle } from '../../adapters/onnx/bundle';
import { diffManifests } from '../../model-build/diff';

const { manifest } = readBundle(join(__dirname, '../../model-build/default'));

describe('diffManifests', () => {
  it('finds nothing between a manifest and itself', () => {
    expect(diffManifests(manifest, structuredClone(manifest))).toEqual([]);
  });

  it('names a changed value and a graph that only one side has', () => {
    const [kept, dropped] = manifest.files;
    const after = { ...manifest, version: '99', files: [kept!] };
    expect(diffManifests(manifest, after)).toEqual([
      { path: 'version', before: JSON.stringify(manifest.version), after: '"99"' },
      { path: `files.${dropped!.file}`, before: JSON.stringify(dropped), after: null },
    ]);
  });
});
