import type { Command } from 'commander';
import { resolveCamera } from '../../core/fleet/resolve';
import { guarded } from '../exit';
import { DEMO_FLEET, instant, readFleet } from '../options';

export function registerFleet(program: Command): void {
  const fleet = program.command('fleet').description('check and explain a fleet file');
  fleet
    .command('check')
    .description('every problem of a fleet file, each with line and column')
    .argument('<file>', 'fleet file (YAML)')
    .action(
      guarded(async (file: string) => {
        const { cameras, sites, tiers } = readFleet(file);
        const count = (of: object): number => Object.keys(of).length;
        console.log(
          `${file}: good; ${count(cameras)} cameras, ${count(sites)} sites, ${count(tiers)} tiers of its own`,
        );
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
