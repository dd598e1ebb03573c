import { spawn } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { describeMachine } from './machine';

const ROOT = join(__dirname, '..');
const FOOTAGE = join(ROOT, 'demo/footage/harbour-depot/lobby/20261102T080000Z_60s.mp4');
const SEGMENTS = 20;
const WAIT_SECONDS = 60;
const FLEET = `
defaults:
  tier: steady
  classes: [person, vehicle]
  alertMaxAgeMinutes: 5256000
  alerts: [{ name: any, classes: [person], notify: out, cooldownMinutes: 0 }]
notify: { out: { stdout: true } }
`;

/**
 * Seconds from a segment's landing to its alert, on one machine: the real `start` watches a folder, and
 * segments with a person in them land one by one. The first is cold: it loads the model.
 */
export async function run(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'tierwatch-latency-'));
  const footage = join(folder, 'footage');
  mkdirSync(footage);
  writeFileSync(join(folder, 'fleet.yaml'), FLEET);
  const child = spawn(
    process.execPath,
    [
      join(ROOT, 'cli/tierwatch.js'),
      ...['start', '--footage', footage, '--fleet', join(folder, 'fleet.yaml')],
      ...['--data', join(folder, 'data'), '--workers', '1', '--no-page'],
    ],
    { stdio: ['ignore', 'pipe', 'ignore'] },
  );
  try {
    const alerted = new Map<string, number>();
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (!line.startsWith('alert ')) return;
      const { camera } = JSON.parse(line.slice('alert '.length)) as { camera: string };
      alerted.set(camera, performance.now());
    });
    await pause(2000);
    const seconds: number[] = [];
    for (let index = 0; index < SEGMENTS; index++) {
      const camera = `bench/camera-${index}`;
      const landedMs = land(join(footage, camera, '20261102T080000Z_60s.mp4'));
      const deadlineMs = landedMs + WAIT_SECONDS * 1000;
      while (!alerted.has(camera) && performance.now() < deadlineMs) await pause(10);
      seconds.push(((alerted.get(camera) ?? Number.POSITIVE_INFINITY) - landedMs) / 1000);
    }
    const [cold = 0, ...warm] = seconds;
    const rank = (share: number): number =>
      warm.toSorted((a, b) => a - b)[Math.ceil(share * warm.length) - 1] ?? 0;
    const row = { segments: warm.length, cold, p50: rank(0.5), p95: rank(0.95), p99: rank(0.99) };
    console.log(JSON.stringify({ machine: describeMachine(), landedToAlertSeconds: row }, null, 2));
  } finally {
    child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Renames a whole file into place, as `land` does. @returns when, ms */
function land(path: string): number {
  mkdirSync(dirname(path), { recursive: true });
  copyFileSync(FOOTAGE, `${path}.part`);
  renameSync(`${path}.part`, path);
  return performance.now();
}
