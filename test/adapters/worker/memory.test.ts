import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { WorkerPool } from '../../../adapters/worker/pool';
import { PRODUCT_ANALYSIS_DEFAULTS } from '../../../core/camera-settings';
import { encodeFrames } from '../../../model-build/simulator/encode';
import { Random } from '../../../model-build/simulator/random';

/** Noise that moves: every frame is coded in full and the motion gate stays open. */
function* noise(count: number, pixels: number): Generator<Uint8Array> {
  const random = new Random(1);
  const rgb = new Uint8Array(pixels * 3).map(() => random.next() * 255);
  for (let index = 0; index < count; index++) {
    yield rgb.subarray();
    rgb.copyWithin(0, 997 * 3);
  }
}

it('a child stays below 400 MB on 1080p', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tierwatch-memory-'));
  const pool = new WorkerPool({ size: 1, deadlineSeconds: 110 });
  try {
    const file = join(folder, '1080p.mp4');
    await encodeFrames(noise(40, 1920 * 1080), {
      file,
      widthPx: 1920,
      heightPx: 1080,
      fps: 10,
      keyframeInterval: 20,
      rate: { crf: 30 },
    });
    const settings = {
      ...PRODUCT_ANALYSIS_DEFAULTS,
      sampleIntervalSeconds: 0.5,
      minConfidence: 0.1,
    };
    const modelFolder = join(__dirname, '../../../model-build/default');
    const job = {
      file,
      modelFolder,
      settings,
      floor: null,
      range: null,
      startedAt: '2026-11-20T08:00:00.000Z',
      wantsSnapshots: true,
    };
    let peakMemoryBytes = 0;
    for (let round = 0; round < 3; round++) ({ peakMemoryBytes } = await pool.analyse(job));
    expect(peakMemoryBytes).toBeLessThanOrEqual(400e6);
    expect(peakMemoryBytes).toBeGreaterThan(50e6);
  } finally {
    pool.close();
    rmSync(folder, { recursive: true, force: true });
  }
});
