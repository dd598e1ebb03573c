import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, lstatSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { DynamoRejections } from '../../../adapters/aws/dynamo-alerts';
import { DynamoStore } from '../../../adapters/aws/dynamo-store';
import { FUNCTION_ACCESS } from '../../../handlers/all.permissions';
import { LOBBY, LOBBY_BYTES, makeRoad, openFunctions } from './road';

const ROOT = join(__dirname, '../../..');
/** Goal of the image over its base, uncompressed. */
const MAX_BYTES = 350 * 1024 ** 2;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tierwatch-functions-'));
  execFileSync(process.execPath, [join(ROOT, 'handlers/bundle.js'), folder], { stdio: 'ignore' });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function bytesBelow(path: string): number {
  const stats = lstatSync(path);
  if (!stats.isDirectory()) return stats.size;
  return readdirSync(path).reduce((sum, name) => sum + bytesBelow(join(path, name)), 0);
}

it('holds every function, and no more than 350 MB', () => {
  for (const name of Object.keys(FUNCTION_ACCESS)) {
    expect([name, existsSync(join(folder, `handlers/${name}.js`))]).toEqual([name, true]);
  }
  const bytes = bytesBelow(folder);
  console.log(`the functions' files: ${(bytes / 1024 ** 2).toFixed(0)} MB`);
  expect(bytes).toBeLessThan(MAX_BYTES);
});

it('works a real segment from landing to its rows, away from the project’s own packages', async () => {
  const away = mkdtempSync(join(tmpdir(), 'tierwatch-away-'));
  cpSync(folder, away, { recursive: true });
  const road = await makeRoad(inject('motoEndpoint'), {
    modelFolder: join(away, 'model-build/default'),
  });
  const functions = await openFunctions(road, { bundle: join(away, 'handlers') });
  await functions.route.poll();
  const { clients, footageBucket, table } = road;
  await clients.s3.send(
    new PutObjectCommand({ Bucket: footageBucket, Key: LOBBY, Body: LOBBY_BYTES }),
  );
  expect([await functions.route.poll(), await functions.detectCpu.poll()]).toEqual([1, 1]);
  const store = new DynamoStore(table, { quietDays: 32, evidenceDays: 60 });
  const items = await Array.fromAsync(store.itemsOfCamera('harbour-depot/lobby', {}));
  expect(items).toMatchObject([{ segmentKey: LOBBY, status: 'done', framesSampled: 60 }]);
  // What a child calls hopeless is that in the function too, although their errors are made in different files.
  const hopeless = LOBBY.replace('T080000Z', 'T090000Z');
  await clients.s3.send(
    new PutObjectCommand({ Bucket: footageBucket, Key: hopeless, Body: 'no video' }),
  );
  expect([await functions.route.poll(), await functions.detectCpu.poll()]).toEqual([1, 1]);
  const rejections = await new DynamoRejections(table).rejections();
  expect(rejections.map(({ key, code }) => [key, code])).toEqual([[hopeless, 'unreadable-video']]);
  rmSync(away, { recursive: true, force: true });
});
