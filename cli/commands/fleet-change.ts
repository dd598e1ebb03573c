import { execFileSync } from 'node:child_process';
import { renameSync, writeFileSync } from 'node:fs';
import { relative } from 'node:path';
import type { Command } from 'commander';
import { ASSUMED_USAGE_IN_WORDS } from '../../core/assumed-cost';
import { diffFleets, type FleetChange } from '../../core/fleet/diff';
import { setTier } from '../../core/fleet/edit';
import { parseFleetFiles } from '../../core/fleet/parse';
import type { FleetText } from '../../core/fleet/read-text';
import { guarded } from '../exit';
import { environmentFleet, fleetTexts, ROOT, UsageError } from '../options';
import { counted } from '../table';

const NAMED_CAMERAS = 5;

/** `fleet set-tier` and `fleet diff`: moving cameras between tiers in configuration. */
export function registerFleetChange(fleet: Command): void {
  fleet
    .command('set-tier')
    .description('put cameras into a tier, in the file, keeping its comments and order')
    .argument('<camera...>', 'site/camera, and last the tier')
    .requiredOption('--env <name>', 'fleet/<name>.yaml or fleet/<name>/')
    .action(guarded(async (words: string[], { env }: { env: string }) => changeTiers(words, env)));
  fleet
    .command('diff')
    .description('what changed, in words, for which cameras, and in dollars a month')
    .requiredOption('--env <name>', 'fleet/<name>.yaml or fleet/<name>/')
    .option('--against <ref>', 'commit, branch or tag to compare with', 'HEAD')
    .option('--json', 'one JSON value a change')
    .action(guarded(showDiff));
}

async function changeTiers(words: readonly string[], env: string): Promise<void> {
  const tier = words.at(-1)!;
  const cameras = words.slice(0, -1);
  if (cameras.length === 0)
    throw new UsageError('expected cameras and then a tier, found one word');
  const before = fleetTexts(environmentFleet(env));
  let files = before;
  for (const camera of cameras) {
    let isFound = false;
    files = files.map((one) => {
      const changed = setTier(one.text, camera, tier);
      if (changed === null) return one;
      isFound = true;
      return { ...one, text: changed };
    });
    if (!isFound) {
      throw new UsageError(
        `"${camera}": expected a camera of the ${env} fleet, found none; add it under cameras: first`,
      );
    }
  }
  // Nothing is written that would not start.
  parseFleetFiles(files);
  for (const [index, { file, text }] of files.entries()) {
    if (text === before[index]!.text) continue;
    writeFileSync(`${file}.part`, text);
    renameSync(`${file}.part`, file);
    console.log(`${relative(process.cwd(), file)}: ${cameras.join(', ')} in tier ${tier}`);
  }
  console.error(`see "tierwatch fleet diff --env ${env}", then "npm run fleet:up -- ${env}"`);
}

interface DiffOptions {
  readonly env: string;
  readonly against: string;
  readonly json?: true;
}

async function showDiff({ env, against, json }: DiffOptions): Promise<void> {
  const after = fleetTexts(environmentFleet(env));
  const before = after.flatMap((one) => committed(one, against));
  const now = new Date().toISOString();
  const changes = diffFleets(parseFleetFiles(before), parseFleetFiles(after), now);
  for (const change of changes) console.log(json ? JSON.stringify(change) : describe(change));
  if (changes.length === 0) console.error(`nothing differs from ${against}`);
  else console.error(`dollars at list prices for ${ASSUMED_USAGE_IN_WORDS}`);
}

/** A file as it was in a commit; none where it was not there. @throws {UsageError} for no such commit */
function committed({ file }: FleetText, against: string): FleetText[] {
  const git = (...values: string[]): string =>
    execFileSync('git', values, {
      cwd: ROOT,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
  try {
    git('rev-parse', '--verify', '--end-of-options', `${against}^{commit}`);
  } catch (cause) {
    throw new UsageError(`"${against}": expected a commit, branch or tag, found none`, cause);
  }
  try {
    return [{ file, text: git('show', `${against}:${relative(ROOT, file)}`) }];
  } catch {
    return [];
  }
}

function describe({ kind, cameras, what, usdPerMonth }: FleetChange): string {
  const named = cameras.slice(0, NAMED_CAMERAS).join(', ');
  const more = cameras.length > NAMED_CAMERAS ? ` and ${cameras.length - NAMED_CAMERAS} more` : '';
  const money =
    usdPerMonth === null
      ? 'a lane priced by its endpoint'
      : `${usdPerMonth < 0 ? '-' : '+'}$${Math.abs(usdPerMonth).toFixed(2)} a month`;
  return `${kind} ${counted(cameras.length, 'camera')} (${named}${more}): ${what.join('; ')}; ${money}`;
}
