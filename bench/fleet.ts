import { gzipSync } from 'node:zlib';
import { compileFleet, renderCompiled, resolveCompiled, shardOf } from '../core/fleet/compile';
import { parseFleetFiles } from '../core/fleet/parse';
import { describeMachine } from './machine';

const SITES = 400;
const CAMERAS_A_SITE = 250;
const LOOK_UPS = 10_000;

/** A fleet of 100,000 cameras, a file a site: read, compiled, looked up. `--drawn` gives each a zone and an alert. */
export async function run(values: readonly string[]): Promise<void> {
  const entry = values.includes('--drawn') ? DRAWN : '{ tier: low }';
  const files = Array.from({ length: SITES }, (_, site) => ({
    file: `site-${site}.yaml`,
    text: siteText(site, entry),
  }));
  files.push({ file: 'fleet.yaml', text: 'notify: { ops: { stdout: true } }\n' });
  const startedMs = performance.now();
  const fleet = parseFleetFiles(files);
  const parsedMs = performance.now();
  const { index, shards } = compileFleet(fleet);
  const bytes = shards.map((shard) => gzipSync(renderCompiled(shard)).length);
  const compiledMs = performance.now();
  const camera = 'site-7/camera-9';
  const shard = shards[shardOf(camera)]!;
  for (let count = 0; count < LOOK_UPS; count++) {
    resolveCompiled(index, shard, { camera, at: '2026-11-20T08:00:00.000Z' });
  }
  const lookUpMs = (performance.now() - compiledMs) / LOOK_UPS;
  const row = {
    cameras: SITES * CAMERAS_A_SITE,
    readAndCheckedSeconds: (parsedMs - startedMs) / 1000,
    compiledSeconds: (compiledMs - parsedMs) / 1000,
    largestShardBytes: Math.max(...bytes),
    lookUpMs,
    peakMemoryBytes: process.resourceUsage().maxRSS * 1024,
  };
  console.log(JSON.stringify({ machine: describeMachine(), row }, null, 2));
}

const DRAWN =
  '{ tier: low, zones: { door: [[0.1, 0.2], [0.4, 0.2], [0.4, 0.9]] }, alerts: [{ name: night, classes: [person], zones: [door], between: "22:00-06:00", notify: ops }] }';

function siteText(site: number, entry: string): string {
  const cameras = Array.from(
    { length: CAMERAS_A_SITE },
    (_, index) => `  site-${site}/camera-${index}: ${entry}\n`,
  );
  return `sites: { site-${site}: { timezone: Europe/Berlin, defaults: { tier: steady } } }\ncameras:\n${cameras.join('')}`;
}
