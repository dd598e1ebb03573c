import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, relative, resolve, sep } from 'node:path';
import { InvalidArgumentError } from 'commander';
import { TierwatchError } from '../core/errors';
import { parseFleetFiles } from '../core/fleet/parse';
import type { FleetText } from '../core/fleet/read-text';
import type { Fleet } from '../core/fleet/schema';
import { NAME_PATTERN } from '../core/segment-key';

export const ROOT = join(__dirname, '..');
export const DEFAULT_MODEL = join(ROOT, 'model-build/default');
export const DEMO_FOOTAGE = join(ROOT, 'demo/footage');
export const DEMO_FLEET = join(ROOT, 'demo/fleet.yaml');
export const DEFAULT_DATA = join(ROOT, 'data');

/** What the user named can't be used. */
export class UsageError extends TierwatchError {
  override readonly name = 'UsageError';
  constructor(message: string, cause?: unknown) {
    super(message, { code: 'usage', retryable: false, cause });
  }
}

/** A file, or a folder with a file a site. @throws {UsageError} {@link FleetFileError} */
export function readFleet(path: string): Fleet {
  return parseFleetFiles(fleetTexts(path));
}

/** @throws {UsageError} */
export function fleetTexts(path: string): FleetText[] {
  const texts = readTexts(path);
  if (texts.length > 0) return texts;
  throw new UsageError(
    `"${path}": expected a fleet file, or a folder of them (.yaml), found a folder without one; name another --fleet`,
  );
}

function readTexts(path: string): FleetText[] {
  try {
    if (!statSync(path).isDirectory()) return [{ file: path, text: readFileSync(path, 'utf8') }];
    const names = readdirSync(path).filter((name) => /\.ya?ml$/.test(name));
    return names.sort().map((name) => {
      const file = join(path, name);
      return { file, text: readFileSync(file, 'utf8') };
    });
  } catch (cause) {
    throw new UsageError(
      `"${path}": expected a fleet file, found none that can be read; name it with --fleet`,
      cause,
    );
  }
}

/** fleet/<env>.yaml, or fleet/<env>/ where it is a folder. @throws {UsageError} for no such environment */
export function environmentFleet(env: string): string {
  const folder = join(ROOT, 'fleet');
  const known = readdirSync(folder)
    .filter((name) => !name.endsWith('.json'))
    .map((name) => name.replace(/\.yaml$/, ''));
  if (!known.includes(env)) {
    throw new UsageError(
      `"${env}": expected an environment that has a fleet, one of ${known.join(', ')}, found none`,
    );
  }
  const file = join(folder, `${env}.yaml`);
  return existsSync(file) ? file : join(folder, env);
}

/** @throws {UsageError} for what is no site/camera */
export function requireCamera(camera: string, option = ''): void {
  if (new RegExp(`^${NAME_PATTERN}/${NAME_PATTERN}$`).test(camera)) return;
  throw new UsageError(
    `"${option}${camera}": expected site/camera in lower-case letters, digits and dashes`,
  );
}

/** The program's own files would be footage to it. @throws {UsageError} for a data folder within the footage */
export function requireApart({ data, footage }: { data: string; footage: string }): void {
  if (relative(resolve(footage), resolve(data)).split(sep)[0] === '..') return;
  throw new UsageError(
    `"--data ${data}": expected a folder outside the footage, found it within "${footage}"; name another --data`,
  );
}

/** Lines of a file, or of stdin for "-", without empty ones. @throws {UsageError} */
export function readLines(file: string): string[] {
  try {
    const text = readFileSync(file === '-' ? 0 : file, 'utf8');
    return text.split(/\r?\n/).filter((line) => line !== '');
  } catch (cause) {
    throw new UsageError(`"${file}": expected a list, found none that can be read`, cause);
  }
}

/** @throws {UsageError} naming the first file that is not there, or is a folder */
export function requireFiles(files: readonly string[]): void {
  for (const file of files) {
    const stats = statSync(file, { throwIfNoEntry: false });
    const found = stats ? 'a folder' : 'none';
    if (!stats || stats.isDirectory())
      throw new UsageError(`"${file}": expected a file, found ${found}; check the path`);
  }
}

/**
 * What to say where a model of demo grade is used: it was trained on the scene simulator alone.
 * @param footage files or folders that it is used on
 */
export function demoGradeNotice(footage: readonly string[]): string {
  const isSimulated = footage.every((path) => !relative(DEMO_FOOTAGE, path).startsWith('..'));
  return isSimulated
    ? 'The default model is demo grade: it was made for simulated footage, such as this.'
    : 'WARNING: this footage is not the demo’s, and the model is demo grade, made for simulated footage: it misses people and sees what is not there. Get a real one with "npx tierwatch model get yolox-nano --out DIR" and name it with --model DIR.';
}

export function positiveNumber(text: string): number {
  const value = Number(text);
  if (Number.isFinite(value) && value > 0) return value;
  throw new InvalidArgumentError('expected a number above 0');
}

export function ratio(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && value >= 0 && value <= 1) return value;
  throw new InvalidArgumentError('expected a number from 0 to 1');
}

export function wholeNumber(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value > 0) return value;
  throw new InvalidArgumentError('expected a whole number above 0');
}

/** An ISO-8601 instant, with its zone. */
export function instant(text: string): string {
  const isWhole = /^\d{4}-\d{2}-\d{2}T[\d:.]+(Z|[+-]\d{2}:\d{2})$/.test(text);
  if (isWhole && !Number.isNaN(Date.parse(text))) return new Date(text).toISOString();
  throw new InvalidArgumentError('expected an instant such as 2026-11-20T08:00:00Z');
}

export function defaultWorkers(): number {
  return Math.max(1, availableParallelism());
}
