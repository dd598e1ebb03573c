import type { Command } from 'commander';
import { checkKeys, type KeyCheck } from '../../core/fleet/check-keys';
import { resolveCamera } from '../../core/fleet/resolve';
import { starterFleet } from '../../core/fleet/starter';
import { EXIT, guarded } from '../exit';
import { camerasIn } from '../named-fleet';
import {
  DEMO_FLEET,
  environmentFleet,
  instant,
  readFleet,
  readLines,
  requireCamera,
  UsageError,
} from '../options';
import { registerFleetChange } from './fleet-change';

interface CheckOptions {
  readonly env?: string;
  readonly keys?: string;
  readonly json?: true;
}

export function registerFleet(program: Command): void {
  const fleet = program.command('fleet').description('check, explain and change a fleet file');
  registerFleetChange(fleet);
  fleet
    .command('check')
    .description('every problem of a fleet file, each with line and column')
    .argument('[file]', 'fleet file, or folder with a file a site (YAML)')
    .option('--env <name>', 'the fleet of an environment: fleet/<name>.yaml or fleet/<name>/')
    .option(
      '--keys <list>',
      'file with one key a line, or - for stdin: what each would be taken for',
    )
    .option('--json', 'one JSON value a key')
    .action(
      guarded(async (named: string | undefined, options: CheckOptions) => {
        const { keys, json } = options;
        const file = named ?? fleetOf(options);
        const fleet = readFleet(file);
        const count = (of: object): number => Object.keys(of).length;
        const say = json ? console.error : console.log;
        say(
          `${file}: good; ${count(fleet.cameras)} cameras, ${count(fleet.sites)} sites, ${count(fleet.tiers)} tiers of its own`,
        );
        if (keys !== undefined) reportKeys(checkKeys(fleet, readLines(keys)), json === true);
      }),
    );
  fleet
    .command('init')
    .description('print a fleet file to start from: the cameras of a footage folder')
    .requiredOption('--footage <dir>', 'folder laid out as <site>/<camera>/…')
    .action(
      guarded(async ({ footage }: { footage: string }) => {
        const cameras = camerasIn(footage);
        if (cameras.length === 0) {
          throw new UsageError(
            `"${footage}": expected folders named <site>/<camera> in lower-case letters, digits and dashes, found none`,
          );
        }
        process.stdout.write(starterFleet(cameras));
      }),
    );
  fleet
    .command('show')
    .description("a camera's resolved settings and where each came from")
    .argument('<camera>', 'site/camera')
    .option('--fleet <file>', 'fleet file (YAML)', DEMO_FLEET)
    .option(
      '--at <instant>',
      'for segments that start at this instant',
      instant,
      new Date().toISOString(),
    )
    .option('--json', 'one JSON value')
    .action(
      guarded(async (camera: string, options: { fleet: string; at: string; json?: true }) => {
        requireCamera(camera);
        const resolved = resolveCamera(readFleet(options.fleet), camera, options.at);
        if (options.json) {
          console.log(JSON.stringify(resolved));
          return;
        }
        const { analysis, ...rest } = resolved.settings;
        console.log(
          `${camera} at ${options.at}${resolved.isKnown ? '' : ' (not in the fleet file: the site’s defaults)'}`,
        );
        for (const [name, value] of Object.entries({ ...rest, ...analysis })) {
          const origin = resolved.origins[name] ?? '-';
          console.log(`  ${name.padEnd(24)} ${JSON.stringify(value).padEnd(32)} ${origin}`);
        }
      }),
    );
}

/** @throws {UsageError} where neither a file nor an environment is named */
function fleetOf({ env }: { readonly env?: string }): string {
  if (env === undefined)
    throw new UsageError('expected a fleet file, or --env NAME, found neither');
  return environmentFleet(env);
}

function reportKeys(checks: readonly KeyCheck[], isJson: boolean): void {
  for (const check of checks) console.log(isJson ? JSON.stringify(check) : describeKey(check));
  const mapped = checks.filter((check) => check.mapped !== null);
  const unknown = mapped.filter((check) => !check.isKnown).length;
  console.error(
    `${mapped.length} of ${checks.length} keys name a segment, ${unknown} of them of cameras that the file does not name`,
  );
  if (mapped.length < checks.length) process.exitCode = EXIT.someRejected;
}

function describeKey({ key, mapped, isKnown, reason }: KeyCheck): string {
  if (!mapped) return `no match  ${key}: ${reason}`;
  const seconds = mapped.seconds === null ? 'length by probing' : `${mapped.seconds} s`;
  const camera = `${mapped.camera}${isKnown ? '' : ' (not in the file)'}`;
  return `match     ${key}: ${camera} at ${mapped.startedAt}, ${seconds}`;
}
