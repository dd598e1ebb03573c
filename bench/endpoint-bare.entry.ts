import { once } from 'node:events';
import type { Device } from '../core/manifest';
import { prepareBareSegment } from './endpoint-bare';

/** One of several processes at once, MODEL FOOTAGE ROUNDS DEVICE: says that it is ready, starts when told. */
async function main(values: readonly string[]): Promise<void> {
  const [model, footage, rounds, device] = values as [string, string, string, Device];
  const measure = await prepareBareSegment(model, footage, { rounds: Number(rounds), device });
  process.send!('ready');
  await once(process, 'message');
  process.send!(await measure());
  process.disconnect();
}

main(process.argv.slice(2));
