import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

const ROOT = join(__dirname, '../..');
const PROGRAM = join(ROOT, 'cli/tierwatch.js');

export interface Finished {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command as a user would, to its end. */
export function runCli(...values: string[]): Finished {
  const { status, stdout, stderr } = spawnSync(process.execPath, [PROGRAM, ...values], {
    cwd: ROOT,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  return { status, stdout, stderr };
}

/** Starts the command and kills it with SIGKILL once `moment` resolves, unless it ends before. */
export async function runAndKill(
  moment: (isRunning: () => boolean) => Promise<void>,
  ...values: string[]
): Promise<'killed' | 'ended'> {
  const child = spawn(process.execPath, [PROGRAM, ...values], { cwd: ROOT, stdio: 'ignore' });
  const isRunning = (): boolean => child.exitCode === null && child.signalCode === null;
  const ended = new Promise<string | null>((resolve) => {
    child.on('exit', (_, signal) => resolve(signal));
  });
  await moment(isRunning);
  child.kill('SIGKILL');
  return (await ended) === 'SIGKILL' ? 'killed' : 'ended';
}

/** Runs the command, does something once it has told what `told` fits, and waits for its end. */
export async function runUntil(
  told: RegExp,
  then: () => void,
  ...values: string[]
): Promise<Omit<Finished, 'stdout'>> {
  const child = spawn(process.execPath, [PROGRAM, ...values], {
    cwd: ROOT,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let stderr = '';
  let isDone = false;
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    if (isDone || !told.test(stderr)) return;
    isDone = true;
    then();
  });
  const status = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { status, stderr };
}

/** Waits until `isReached`, as long as the process runs, then `ms` longer. */
export async function waitFor(
  isReached: () => boolean,
  isRunning: () => boolean,
  ms: number,
): Promise<void> {
  while (isRunning() && !isReached()) await pause(10);
  await pause(ms);
}
