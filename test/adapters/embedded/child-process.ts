import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const LOADER = require.resolve('tsx');

/** A script beside this file in a process of its own, without a wrapper: signals reach it. */
export function startScript(name: string, ...values: string[]): ChildProcessWithoutNullStreams {
  return spawn(process.execPath, ['--import', LOADER, join(__dirname, name), ...values]);
}

/** Lines of its output until `count` came or it ended. */
export async function readLines(
  child: ChildProcessWithoutNullStreams,
  count: number,
): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(line);
    if (lines.length >= count) break;
  }
  return lines;
}

/** Kills with SIGKILL; all that it had printed is given back. */
export async function killAfter(
  child: ChildProcessWithoutNullStreams,
  count: number,
): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(line);
    if (lines.length === count) child.kill('SIGKILL');
  }
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  return lines;
}
