import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { GpuServer } from '../../cli/start/gpu-server';

let folder: string;
let server: GpuServer | null;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tierwatch-gpu-server-'));
  server = null;
});
afterEach(() => {
  server?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** A server whose program is this, and what it has said. */
function serve(source: string): { readonly server: GpuServer; readonly said: string[] } {
  const program = join(folder, 'program.js');
  writeFileSync(program, source);
  const said: string[] = [];
  const options = { modelFolder: folder, decoders: 1, device: 'cpu' } as const;
  server = new GpuServer({ ...options, program, say: (line) => said.push(line) });
  return { server, said };
}

it('is waited for until it is ready, however long its start draws out', async () => {
  const { server, said } = serve(
    `console.log(JSON.stringify({ message: 'ready', port: 4711 })); setInterval(() => {}, 1e6);`,
  );
  expect([server.url, server.isStarting]).toEqual([null, true]);
  while (server.url === null) await pause(10);
  expect([server.url, server.isStarting, said]).toEqual(['http://127.0.0.1:4711', false, []]);
});

it('is waited for no longer once it has ended, though it is started again', async () => {
  const { server, said } = serve(`console.error('no room'); process.exit(3);`);
  while (said.length < 2) await pause(10);
  expect([server.url, server.isStarting]).toEqual([null, false]);
  expect(said[0]).toBe(
    "the gpu lane's server ended (exit code 3: no room); its segments run on the cpu lane until it is back",
  );
});
