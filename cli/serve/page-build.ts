import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { TierwatchError } from '../../core/errors';

/** The page could not be built; the api is served without it. */
export class PageBuildError extends TierwatchError {
  override readonly name = 'PageBuildError';
  constructor(found: string) {
    super(
      `"dashboard": expected a page that can be built, found ${found}; run "npm ci", or go on without it by --no-page`,
      { code: 'page-build', retryable: false },
    );
  }
}

const MAX_COMPLAINT_CHARACTERS = 400;
/** Name of the file in the built page that says what it was built from. */
const STAMP = '.sources';

/**
 * The folder of the built page. It is built where it is missing, or its sources have changed since: aside,
 * and moved into place when whole.
 * @param root of the project
 * @param say hears that it is being built
 * @throws {PageBuildError}
 */
export async function builtPage(root: string, say: (line: string) => void): Promise<string> {
  const built = join(root, '.cache/dashboard');
  const sources = join(root, 'dashboard');
  if (!existsSync(join(sources, 'index.html'))) throw new PageBuildError('no sources of it');
  const stamp = stampOf(root);
  if (readStamp(built) === stamp) return built;
  say('building the page: its sources are new or have changed');
  const aside = `${built}.${process.pid}`;
  try {
    await runVite(root, ['build', sources, '--outDir', aside, '--emptyOutDir']);
    writeFileSync(join(aside, STAMP), stamp);
    rmSync(built, { recursive: true, force: true });
    renameSync(aside, built);
  } catch (error) {
    // Another start has just built the same.
    if (readStamp(built) !== stamp) throw error;
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
  return built;
}

/** A sum over everything that the page is made of: its sources, core, the errors in words, and the packages' versions. */
function stampOf(root: string): string {
  const hash = createHash('sha256');
  const files = ['dashboard', 'core'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !entry.parentPath.includes('node_modules'))
      .map((entry) => join(entry.parentPath, entry.name)),
  );
  const others = ['package-lock.json', 'docs/errors.md'].map((file) => join(root, file));
  for (const file of [...files, ...others].sort()) {
    if (!existsSync(file)) continue;
    const bytes = readFileSync(file);
    hash.update(`${relative(root, file)}\n${bytes.length}\n`).update(bytes);
  }
  return hash.digest('hex');
}

function readStamp(built: string): string | null {
  try {
    return readFileSync(join(built, STAMP), 'utf8');
  } catch {
    return null;
  }
}

/** In a process of its own: a build takes memory that a platform has no further use for. */
async function runVite(root: string, values: readonly string[]): Promise<void> {
  const program = join(root, 'node_modules/vite/bin/vite.js');
  if (!existsSync(program)) throw new PageBuildError('no vite in node_modules');
  const child = spawn(process.execPath, [program, ...values, '--logLevel', 'warn'], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NODE_ENV: 'production', NO_COLOR: '1' },
  });
  let complaint = '';
  const note = (text: string): void => {
    complaint = `${complaint}${text}`.slice(0, MAX_COMPLAINT_CHARACTERS);
  };
  child.stdout.setEncoding('utf8').on('data', note);
  child.stderr.setEncoding('utf8').on('data', note);
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code === 0) return;
  const lines = complaint.split('\n').map((line) => line.trim());
  const said = lines.filter((line) => line !== '' && !line.startsWith('at ')).join(' ');
  throw new PageBuildError(`exit code ${code} of its build: ${said}`);
}
