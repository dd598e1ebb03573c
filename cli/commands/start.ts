import { type Command, Option } from 'commander';
import { resolveCamera } from '../../core/fleet/resolve';
import type { Device } from '../../core/manifest';
import { EXIT, guarded } from '../exit';
import { FLEET_OPTION, namedFleet } from '../named-fleet';
import {
  DEFAULT_DATA,
  DEFAULT_MODEL,
  DEMO_FOOTAGE,
  defaultWorkers,
  demoGradeNotice,
  requireApart,
  wholeNumber,
} from '../options';
import { addWebOptions, type WebOptions } from '../serve/web';
import { EventCount } from '../start/event-count';
import { Platform } from '../start/platform';
import { Progress } from '../start/progress';
import { RunTally } from '../start/run-tally';
import { type StartedSite, startSite } from '../start/site';
import { hearStops } from '../start/stop-signal';
import { rejectedLines, summaryLines } from '../start/summary';
import { terminalTelemetry } from '../start/terminal-telemetry';
import { workThrough } from '../start/work-through';

interface StartOptions extends WebOptions {
  readonly footage: string;
  readonly fleet?: string;
  readonly model: string;
  readonly models?: string;
  readonly data: string;
  readonly once?: true;
  readonly page: boolean;
  readonly retention?: 'report' | 'enforce';
  readonly workers: number;
  readonly deadlineSeconds: number;
  readonly device: Device;
  readonly gpu: 'on' | 'off' | 'auto';
}

/** Ticks of 30 s. */
const EXPIRE_EVERY_TICKS = 120;
const DECIDE_EVERY_TICKS = 10;

export function registerStart(program: Command): void {
  addWebOptions(
    program
      .command('start')
      .description(
        'watch a footage folder, work every segment through and serve the page; Ctrl-C finishes what is in hand',
      ),
  )
    .option(
      '--footage <dir>',
      'folder laid out as <site>/<camera>/<yyyymmddThhmmssZ>_<seconds>s.mp4',
      DEMO_FOOTAGE,
    )
    .option(...FLEET_OPTION)
    .option('--model <dir>', 'model bundle that tiers call default', DEFAULT_MODEL)
    .option('--models <dir>', 'folder of further bundles, by the name that a tier’s `model` gives')
    .option('--data <dir>', 'queue, rows, snapshots and quarantine', DEFAULT_DATA)
    .option('--once', 'end when nothing is waiting, with a summary; serves no page')
    .option('--no-page', 'serve neither page nor api')
    .addOption(
      new Option(
        '--retention <mode>',
        'expire footage by evidence, hourly and at the end: report counts, enforce deletes; default: off',
      ).choices(['report', 'enforce']),
    )
    .option(
      '--workers <count>',
      'child processes that decode and infer',
      wholeNumber,
      defaultWorkers(),
    )
    .addOption(
      new Option('--device <device>', 'where the server of gpu tiers infers')
        .choices(['cpu', 'cuda'])
        .default('cpu'),
    )
    .addOption(
      new Option(
        '--gpu <switch>',
        'cameras of gpu tiers: at that server, on the cpu lane, or where the break-even of AWS’s prices says',
      )
        .choices(['on', 'off', 'auto'])
        .default('on'),
    )
    .option(
      '--deadline-seconds <seconds>',
      'a child that takes longer over a segment is replaced',
      wholeNumber,
      120,
    )
    .action(guarded(start));
}

async function start(options: StartOptions): Promise<void> {
  requireApart(options);
  const named = namedFleet(options);
  const { fleet } = named;
  const isOnce = options.once === true;
  const tally = new RunTally();
  const count = new EventCount((camera, at) => resolveCamera(fleet, camera, at).settings);
  const progress = new Progress();
  let isOver = false;
  const say = (line: string): void => {
    // What is cut short by an error that ends the program is not worth another word.
    if (isOver) return;
    progress.clear();
    console.error(line);
  };
  const platform = await Platform.open({
    ...options,
    fleet,
    modelFolder: options.model,
    modelsFolder: options.models ?? null,
    onItem: (item) => {
      tally.add(item);
      count.add(item);
    },
    onRejected: (key, code, reason) => {
      tally.rejected.push({ code });
      say(`quarantined ${key} [${code}]: ${reason}`);
    },
    telemetry: terminalTelemetry(say),
    say,
    print: (line) => {
      progress.clear();
      console.log(`alert ${line}`);
    },
  });
  if (platform.modelGrade === 'demo') say(demoGradeNotice([options.footage]));
  if (named.notice !== null) say(named.notice);
  const stopping = new AbortController();
  const stop = hearStops({
    nowMs: () => performance.now(),
    onStop: () => {
      say('Stopping: finishing what is in hand. Once more ends at once; nothing is lost.');
      stopping.abort();
    },
    onEnd: (exitCode) => process.exit(exitCode),
  });
  process.on('SIGINT', stop).on('SIGTERM', stop);
  let site: StartedSite | null = null;
  try {
    if (options.page && !isOnce) site = await startSite(platform, { options, named, say });
    await platform.resendAlerts(0);
    await workThrough(platform, {
      ...options,
      isOnce,
      tally,
      count,
      progress,
      say,
      stopping: stopping.signal,
      onTick: async (ticks) => {
        await platform.resendAlerts();
        if (ticks % DECIDE_EVERY_TICKS === 0) await platform.decideLane();
        if (ticks % EXPIRE_EVERY_TICKS === 0) await expire(platform, options.retention);
      },
    });
    await expire(platform, options.retention);
    await report(platform, { tally, isOnce });
  } finally {
    isOver = true;
    // Whatever still waits, after an error too, would keep the process.
    stopping.abort();
    progress.clear();
    site?.close();
    platform.close();
  }
}

/** What came of it. A long-running start can be asked by the other commands, and ends at once. */
async function report(
  platform: Platform,
  { tally, isOnce }: { readonly tally: RunTally; readonly isOnce: boolean },
): Promise<void> {
  const lines = isOnce ? await summaryLines(platform) : [];
  for (const line of [...lines, ...rejectedLines(tally.rejected)]) console.log(line);
  const { behind, dead } = await platform.counts();
  if (dead > 0) console.log(`${dead} dead letters: see "tierwatch dead-letters list"`);
  if (behind > 0) console.log(`${behind} messages are left for the next start`);
  if (tally.rejected.length > 0 || dead > 0) process.exitCode = EXIT.someRejected;
}

/** Carries out retention where it was asked for, and says what went or would go. */
async function expire(platform: Platform, mode: StartOptions['retention']): Promise<void> {
  if (!mode) return;
  const summaries = await platform.expire(mode);
  const sum = (of: 'files' | 'bytes' | 'left'): number =>
    summaries.reduce((total, one) => total + one[of], 0);
  const verb = mode === 'enforce' ? 'deleted' : 'would delete';
  console.error(
    `retention ${verb} ${sum('files')} files, ${(sum('bytes') / 1e6).toFixed(1)} MB; ${sum('left')} are left for the next run`,
  );
}
