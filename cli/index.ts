import { Command } from 'commander';
import { EXIT, reportError } from './exit';

type Register = (program: Command) => void;

/**
 * In the order of `--help`. A command's code is loaded when it is called, all of it for a list; by `require`, for
 * tsx's loader leaves `import()` to Node, which knows no paths without an extension.
 */
const COMMANDS = new Map<string, () => Register>(
  Object.entries({
    start: () => (require('./commands/start') as typeof import('./commands/start')).registerStart,
    serve: () => (require('./commands/serve') as typeof import('./commands/serve')).registerServe,
    detect: () =>
      (require('./commands/detect') as typeof import('./commands/detect')).registerDetect,
    land: () => (require('./commands/land') as typeof import('./commands/land')).registerLand,
    events: () =>
      (require('./commands/events') as typeof import('./commands/events')).registerEvents,
    cameras: () =>
      (require('./commands/cameras') as typeof import('./commands/cameras')).registerCameras,
    segments: () =>
      (require('./commands/segments') as typeof import('./commands/segments')).registerSegments,
    analytics: () =>
      (require('./commands/analytics') as typeof import('./commands/analytics')).registerAnalytics,
    rerun: () => (require('./commands/rerun') as typeof import('./commands/rerun')).registerRerun,
    'dead-letters': () =>
      (require('./commands/dead-letters') as typeof import('./commands/dead-letters'))
        .registerDeadLetters,
    fleet: () => (require('./commands/fleet') as typeof import('./commands/fleet')).registerFleet,
    model: () => (require('./commands/model') as typeof import('./commands/model')).registerModel,
  }),
);

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
Exit codes: 0 done; 1 failed, with one sentence why; 2 wrong usage; 3 done, but some footage was rejected or failed;
130 ended at once by a second Ctrl-C.
With --json only results go to stdout, one JSON value a line; progress and warnings go to stderr.`,
    );
  try {
    const named = COMMANDS.get(argv[2] ?? '');
    for (const load of named ? [named] : COMMANDS.values()) load()(program);
    program.parseAsync([...argv]).catch(reportError);
  } catch (error) {
    reportError(error);
  }
}
