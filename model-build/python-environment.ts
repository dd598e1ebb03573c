import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { PythonEnvironmentError } from './errors';

/** Packages in layers, each on top of the one before: verbs, training, tests. */
const LAYERS = ['run', 'train', 'test'] as const;
export type PythonLayer = (typeof LAYERS)[number];

const FILES: Readonly<Record<PythonLayer, string>> = {
  run: 'requirements.txt',
  train: 'requirements-train.txt',
  test: 'requirements-test.txt',
};
/** Where the Python package and its requirements are. */
export const PYTHON_FOLDER = join(__dirname, 'python');
const CANDIDATES = ['python3', 'python3.13', 'python3.12', 'python3.11'];
const PIP_QUIET = ['--no-input', '--progress-bar', 'off', '--disable-pip-version-check'];
const PIP_INSTALL = ['-m', 'pip', 'install', ...PIP_QUIET];
const LEAST_MINOR = 11;
const MOST_MINOR = 13;

export interface PreparePython {
  /** Folder of the environments. @default $XDG_CACHE_HOME/tierwatch, else ~/.cache/tierwatch */
  readonly cache?: string;
  readonly requirements?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly onProgress?: (line: string) => void;
}

/**
 * The interpreter of a pinned environment, installed on first use: written aside and renamed, so that a
 * broken-off installation is never used. `TIERWATCH_PYTHON` names an interpreter that is taken as it is.
 * @throws {PythonEnvironmentError}
 */
export async function preparePython(
  layer: PythonLayer,
  options: PreparePython = {},
): Promise<string> {
  const env = options.env ?? process.env;
  if (env.TIERWATCH_PYTHON) return env.TIERWATCH_PYTHON;
  const cache = options.cache ?? cacheFolder(env);
  const requirements = options.requirements ?? PYTHON_FOLDER;
  const folderOf = (one: PythonLayer): string =>
    join(cache, `python-${one}-${hashOf(requirements, one)}`);
  const interpreterOf = (one: PythonLayer): string => join(folderOf(one), 'bin/python');
  const ready = LAYERS.slice(LAYERS.indexOf(layer)).find((one) => existsSync(interpreterOf(one)));
  if (ready) return interpreterOf(ready);
  options.onProgress?.(`Python packages for ${layer}, once, into ${folderOf(layer)}`);
  return installPackages(folderOf(layer), join(requirements, FILES[layer]), { ...options, env });
}

/** Where environments are kept from run to run. */
export function cacheFolder(env: NodeJS.ProcessEnv): string {
  return join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'tierwatch');
}

/**
 * An environment with the packages of a requirements file, written aside and renamed.
 * @returns its interpreter
 * @throws {PythonEnvironmentError}
 */
export async function installPackages(
  folder: string,
  packages: string,
  { env = process.env, onProgress }: Pick<PreparePython, 'env' | 'onProgress'>,
): Promise<string> {
  mkdirSync(dirname(folder), { recursive: true });
  const base = findPython(env);
  const aside = `${folder}.${process.pid}.part`;
  try {
    await runLoudly(base, ['-m', 'venv', aside], { env });
    await runLoudly(join(aside, 'bin/python'), [...PIP_INSTALL, '-r', packages], {
      env,
      ...(onProgress ? { onProgress } : {}),
    });
    if (!existsSync(folder)) renameSync(aside, folder);
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
  return join(folder, 'bin/python');
}

/** Twelve hex digits over the requirements of a layer and of those below it. */
function hashOf(requirements: string, layer: PythonLayer): string {
  const hash = createHash('sha256');
  for (const one of LAYERS.slice(0, LAYERS.indexOf(layer) + 1)) {
    hash.update(readFileSync(join(requirements, FILES[one])));
  }
  return hash.digest('hex').slice(0, 12);
}

function findPython(env: NodeJS.ProcessEnv): string {
  const found: string[] = [];
  for (const candidate of CANDIDATES) {
    const code = 'import sys, venv, ensurepip; print("%d.%d" % sys.version_info[:2])';
    const { status, stdout } = spawnSync(candidate, ['-c', code], { encoding: 'utf8', env });
    if (status !== 0) continue;
    const version = stdout.trim();
    const [major, minor] = version.split('.').map(Number) as [number, number];
    if (major === 3 && minor >= LEAST_MINOR && minor <= MOST_MINOR) return candidate;
    found.push(`${candidate} is ${version}`);
  }
  throw new PythonEnvironmentError(
    `"python3": expected Python 3.${LEAST_MINOR} to 3.${MOST_MINOR} with venv, found ${found.join(', ') || 'none'}; install it (Debian, Ubuntu: apt install python3-venv), or name an interpreter that has model-build/python/requirements.txt in TIERWATCH_PYTHON`,
  );
}

/** Runs to the end; stdout's lines are progress, the last of stderr the reason when it fails. */
async function runLoudly(
  program: string,
  values: readonly string[],
  { env, onProgress }: { env: NodeJS.ProcessEnv; onProgress?: (line: string) => void },
): Promise<void> {
  const child = spawn(program, values, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const said: string[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => onProgress?.(line.trim()));
  createInterface({ input: child.stderr }).on('line', (line) => said.push(line));
  const status = await new Promise<number | string>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve(code ?? signal ?? 1));
  });
  if (status === 0) return;
  throw new PythonEnvironmentError(
    `"${[program, ...values.slice(0, 3)].join(' ')}": expected the Python packages to install, found exit ${status}: ${said.slice(-3).join(' ').trim()}; check the network and the free space (6 GB for training), then try again`,
  );
}
