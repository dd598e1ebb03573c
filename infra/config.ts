import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import * as pulumi from '@pulumi/pulumi';
import { parseFleetFiles } from '../core/fleet/parse';
import type { FleetText } from '../core/fleet/read-text';
import type { Fleet } from '../core/fleet/schema';
import { warmHours } from '../core/fleet/warm-hours';
import { type InfraConfig, infraConfigSchema, type WarmEnvironments } from '../core/infra-config';
import { infraConfigProblems } from '../core/infra-config/problems';
import { packModel } from './model-archive';
import type { ModelSource } from './models';
import { pageFilesOf } from './page';

/** Everything that the program is given: checked whole before any resource. */
export interface Given {
  /** Name of the stack: `dev`, `staging`, `prod`. */
  readonly environment: string;
  readonly config: InfraConfig;
  readonly fleet: Fleet;
  /** Packed, or named; absent: the image’s own. */
  readonly model?: ModelSource | undefined;
  /** The built page. @default .cache/dashboard */
  readonly pageFolder?: string;
}

const PREFIX = 'tierwatch:';
const ROOT = join(__dirname, '..');
/** Where Vite builds the page. */
export const PAGE_FOLDER = join(ROOT, '.cache/dashboard');

/**
 * Reads the stack's configuration and its fleet.
 * @throws {pulumi.RunError} with every problem of the configuration, each by its key; {@link FleetFileError}
 */
export function readGiven(): Given {
  const environment = pulumi.getStack();
  const config = parseConfig(pulumi.runtime.allConfig(), environment);
  if (config.page === 'cloudfront') pageFilesOf(PAGE_FOLDER);
  const fleet = readFleet(join(ROOT, config.fleet));
  checkNotify(config, Object.keys(fleet.notify));
  return { environment, config, fleet, model: readModel(config) };
}

/** @throws {pulumi.RunError} for a folder that is no bundle, or another than the sha256 names */
export function readModel({ model }: InfraConfig): ModelSource | undefined {
  if (!model) return undefined;
  const { bundle, sha256 } = model;
  if (bundle.startsWith('s3://')) return { uri: bundle, sha256: sha256! };
  const packed = packModel(join(ROOT, bundle), join(ROOT, '.cache/models'));
  if (sha256 === undefined || packed.sha256 === sha256) return packed;
  throw new pulumi.RunError(
    `${PREFIX}model.sha256: expected ${sha256}, found ${packed.sha256} of "${bundle}"; write that, or the folder that was meant`,
  );
}

/** Warm environments of detect-cpu: as configured, else by the fleet's schedules; null: none. */
export function warmOf({
  config: { provisionedConcurrency: set, gpu, maxWarm: max },
  fleet,
}: Pick<Given, 'config' | 'fleet'>): WarmEnvironments | null {
  if (set === 'none') return null;
  return set ?? warmHours(fleet, { hasGpuLane: gpu !== undefined && gpu.lane !== 'off', max });
}

/**
 * Subscribers belong to names of the fleet; a name that nobody hears of is warned of.
 * @throws {pulumi.RunError}
 */
export function checkNotify({ notify, fleet }: InfraConfig, names: readonly string[]): void {
  const unknown = Object.keys(notify).filter((name) => !names.includes(name));
  if (unknown.length > 0) {
    throw new pulumi.RunError(
      `${PREFIX}notify: expected names of "notify" in ${fleet} (${names.join(', ') || 'none'}), found ${unknown.join(', ')}; nothing was created`,
    );
  }
  for (const name of names) {
    const { email, https } = notify[name] ?? { email: [], https: [] };
    if (email.length + https.length > 0) continue;
    pulumi.log.warn(
      `nobody is subscribed to alerts of "${name}"; write ${PREFIX}notify: { ${name}: { email: [...] } }`,
    );
  }
}

/** @throws {pulumi.RunError} with every problem at once */
export function parseConfig(
  all: Readonly<Record<string, string>>,
  environment: string,
): InfraConfig {
  const ours = Object.entries(all).filter(([key]) => key.startsWith(PREFIX));
  const values = ours.map(([key, text]) => [key.slice(PREFIX.length), parseValue(text)]);
  const given = Object.fromEntries(values) as Record<string, unknown>;
  const lines = infraConfigProblems(given).map((line) => `  ${PREFIX}${line}`);
  if (lines.length === 0) return infraConfigSchema.parse(given);
  throw new pulumi.RunError(
    `Pulumi.${environment}.yaml: nothing was created; correct\n${lines.join('\n')}\ndocs/configuration.md has every key`,
  );
}

/** Pulumi hands over texts; numbers, booleans and objects come as JSON. */
function parseValue(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'string' ? text : value;
  } catch {
    return text;
  }
}

/** A file, or a folder with a file a site. */
export function readFleet(path: string): Fleet {
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found) {
    throw new pulumi.RunError(
      `"${path}": expected a fleet file or folder, found none; name it with tierwatch:fleet`,
    );
  }
  const read = (file: string): FleetText => ({ file, text: readFileSync(file, 'utf8') });
  if (found.isFile()) return parseFleetFiles([read(path)]);
  const names = readdirSync(path).filter((name) => /\.ya?ml$/.test(name));
  return parseFleetFiles(names.sort().map((name) => read(join(path, name))));
}
