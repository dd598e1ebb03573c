import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const MIB = 1024 ** 2;

/** Memory in use on all GPUs of this machine (bytes), as NVIDIA's driver tells. */
export async function readGpuMemory(): Promise<number> {
  const query = ['--query-gpu=memory.used', '--format=csv,noheader,nounits'];
  const { stdout } = await promisify(execFile)('nvidia-smi', query, { timeout: 2000 });
  return sumOfMib(stdout) * MIB;
}

/** One number a line, in MiB. */
export function sumOfMib(text: string): number {
  const lines = text.trim().split('\n').map(Number);
  if (lines.every(Number.isFinite)) return lines.reduce((sum, one) => sum + one, 0);
  throw new RangeError(`expected MiB a line of nvidia-smi, found "${text.slice(0, 100)}"`);
}
