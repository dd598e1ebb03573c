import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

/** Process ids of a process's children: from /proc where there is one, else from `ps`. */
export function childrenOf(pid: number): number[] {
  const file = `/proc/${pid}/task/${pid}/children`;
  if (existsSync('/proc/self/task')) {
    return existsSync(file)
      ? readFileSync(file, 'utf8').trim().split(/\s+/).filter(Boolean).map(Number)
      : [];
  }
  return execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number))
    .filter(([, parent]) => parent === pid)
    .map(([child]) => child!);
}

/** What a process was started with; empty where it has ended. */
export function commandOf(pid: number): string {
  const file = `/proc/${pid}/cmdline`;
  try {
    if (existsSync('/proc/self')) return readFileSync(file, 'utf8').replaceAll('\0', ' ');
    return execFileSync('ps', ['-o', 'args=', '-p', String(pid)], { encoding: 'utf8' });
  } catch {
    return '';
  }
}
