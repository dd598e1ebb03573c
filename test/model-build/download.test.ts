import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { download } from '../../model-build/download';

const WEIGHTS = Buffer.alloc(300_000, 7);
const sha256 = createHash('sha256').update(WEIGHTS).digest('hex');
const server = createServer((request, response) => {
  if (request.url === '/weights') response.end(WEIGHTS);
  else if (request.url === '/broken') {
    response.writeHead(200, { 'content-length': WEIGHTS.length });
    response.write(WEIGHTS.subarray(0, 1000), () => response.destroy());
  } else response.writeHead(404).end();
});
let folder: string;
let origin: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tierwatch-download-'));
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('download', () => {
  it.each([
    ['/weights', '0'.repeat(64), /expected sha256 0{64}, found .*check its source/],
    ['/broken', sha256, /broken off after \d+ bytes; try again/],
    ['/absent', sha256, /HTTP status 404; check the URL/],
  ])('refuses %s and leaves no file behind', async (path, expected, message) => {
    const file = join(folder, 'refused.onnx');
    await expect(download({ url: origin + path, sha256: expected, file })).rejects.toThrow(message);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('says which host does not answer, why, and what to do without a network', async () => {
    const closed = createServer();
    await new Promise<void>((listening) => closed.listen(0, '127.0.0.1', listening));
    const host = `127.0.0.1:${(closed.address() as AddressInfo).port}`;
    await new Promise((gone) => closed.close(gone));
    const file = join(folder, 'unreachable.onnx');
    const url = `http://${host}/weights`;
    await expect(download({ url, sha256, file })).rejects.toThrow(
      `"${url}": expected an answer from ${host}, found none (ECONNREFUSED); check the network, or fetch the file elsewhere and hand it to "tierwatch model import"`,
    );
    expect(readdirSync(folder)).toEqual([]);
  });

  it('writes the 300,000 bytes and reports the last of them', async () => {
    const file = join(folder, 'weights.onnx');
    let last = 0;
    await download({ url: `${origin}/weights`, sha256, file, onProgress: (now) => (last = now) });
    expect([readFileSync(file).equals(WEIGHTS), last, readdirSync(folder)]).toEqual([
      true,
      300_000,
      ['weights.onnx'],
    ]);
  });
});
