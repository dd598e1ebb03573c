import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '../..');
const FOLDER = join(ROOT, '.cache/python');
const REQUIREMENTS = join(ROOT, 'model-build/python/requirements.txt');

/** Installs the pinned Python environment on first use. @returns its interpreter */
export function preparePython(onProgress: (line: string) => void): string {
  const python = join(FOLDER, 'bin/python');
  const stamp = createHash('sha256').update(readFileSync(REQUIREMENTS)).digest('hex');
  const stampFile = join(FOLDER, 'stamp');
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) return python;
  onProgress('installing Python packages (some minutes, once)');
  must('python3', '-m', 'venv', FOLDER);
  must(
    python,
    '-m',
    'pip',
    'install',
    '--quiet',
    '--disable-pip-version-check',
    '-r',
    REQUIREMENTS,
  );
  writeFileSync(stampFile, stamp);
  return python;
}

function must(program: string, ...values: string[]): void {
  const { status, stderr, error } = spawnSync(program, values, { encoding: 'utf8' });
  if (status === 0) return;
  throw new Error(
    `"${program} ${values.join(' ')}": expected Python 3.11 with venv, found: ${error?.message ?? stderr}`,
  );
}
