import { Command } from 'commander';
import { registerAnalytics } from './commands/analytics';
import { registerCameras } from './commands/cameras';
import { registerDeadLetters } from './commands/dead-letters';
import { registerDetect } from './commands/detect';
import { registerEvents } from './commands/events';
import { registerFleet } from './commands/fleet';
import { registerLand } from './commands/land';
import { registerModel } from './commands/model';
import { registerRerun } from './commands/rerun';
import { registerSegments } from './commands/segments';
import { registerServe } from './commands/serve';
import { registerStart } from './commands/start';
import { EXIT, reportError } from './exit';

/** The `tierwatch` command. */
export function main(argv: readonly string[]): void {
  const program = new Command('tierwatch')
    .description("Finds people and vehicles in a camera fleet's footage for the least money.")
    .configureHelp({ showGlobalOptions: true })
    .exitOverride((error) => {
      process.exit(error.exitCode === 0 ? EXIT.ok : EXIT.usage);
    })
    .addHelpText(
      'afterAll',
      `
Exit codes: 0 done; 1 failed, with one sentence why; 2 wrong usage; 3 done, but some footage was rejected or failed.
With --json only results go to stdout, one JSON value a line; progress and warnings go to stderr.`,
    );
  for (const register of [
    registerStart,
    registerServe,
    registerDetect,
    registerLand,
    registerEvents,
    registerCameras,
    registerSegments,
    registerAnalytics,
    registerRerun,
    registerDeadLetters,
    registerFleet,
    registerModel,
  ]) {
    register(program);
  }
  program.parseAsync([...argv]).catch(reportError);
}
