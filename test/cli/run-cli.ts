import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';

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

/** Starts the command and kills it with SIGKILL after `ms`, unless it ends before. */
export function runAndKill(ms: number, ...values: string[]): Promise<'killed' | 'ended'> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [PROGRAM, ...values], { cwd: ROOT, stdio: 'ignore' });
    const timer = setTimeout(() => child.kill('SIGKILL'), ms);
    child.on('exit', (_, signal) => {
      clearTimeout(timer);
      resolve(signal === 'SIGKILL' ? 'killed' : 'ended');
    });
  });
}
