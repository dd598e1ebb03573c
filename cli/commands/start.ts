import { setTimeout as sleep } from 'node:timers/promises';
import { type Command, Option } from 'commander';
import { reportCamera } from '../../core/camera-report';
import { stitchEvents } from '../../core/events';
import { resolveCamera } from '../../core/fleet/resolve';
import type { Device } from '../../core/manifest';
import type { SegmentItem } from '../../core/segment-result';
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
import { COST_ASSUMPTIONS, costByTier, describeCosts } from '../start/cost';
import { EventCount } from '../start/event-count';
import { Platform } from '../start/platform';
import { Progress } from '../start/progress';
import { type StartedSite, startSite } from '../start/site';
import { describeOddities, Tally } from '../start/summary';
import { terminalTelemetry } from '../start/terminal-telemetry';

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

/** A file that grew while it was read is looked at again after this. */
const UNSETTLED_MS = 500;
const TICK_MS = 30_000;
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
  const tally = new Tally();
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
      tally.rejected.push({ key, code, reason });
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
  const stop = (): void => {
    if (!stopping.signal.aborted) say('Stopping: finishing what is in hand.');
    stopping.abort();
  };
  process.on('SIGINT', stop).on('SIGTERM', stop);
  let site: StartedSite | null = null;
  try {
    if (options.page && !options.once) site = await startSite(platform, { options, named, say });
    await platform.resendAlerts(0);
    await run(platform, { options, tally, count, progress, say, stopping: stopping.signal });
    progress.clear();
    await expire(platform, options.retention);
    await summarise(platform, { tally, isOnce: options.once === true });
  } finally {
    isOver = true;
    // Whatever still waits, after an error too, would keep the process.
    stopping.abort();
    progress.clear();
    site?.close();
    platform.close();
  }
}

async function run(
  platform: Platform,
  context: {
    options: StartOptions;
    tally: Tally;
    count: EventCount;
    progress: Progress;
    say: (line: string) => void;
    stopping: AbortSignal;
  },
): Promise<void> {
  const { options, tally, count, progress } = context;
  const isStopping = (): boolean => context.stopping.aborted;
  const startedMs = performance.now();
  let unsettled = 0;
  let isLooking = true;
  const consume = async (): Promise<void> => {
    while (!isStopping()) {
      const taken = await platform.work();
      if (taken > 0 && !progress.isDue) continue;
      const { behind } = await platform.counts();
      const seconds = (performance.now() - startedMs) / 1000;
      progress.show(
        `${tally.done} segments done, ${behind} behind, ${count.total()} events, ${tally.rejected.length} quarantined`,
        `, ${(tally.footageSeconds / seconds).toFixed(0)}x realtime`,
      );
      if (taken > 0) continue;
      if (options.once && behind === 0 && !isLooking && unsettled === 0) return;
      await sleep(options.once ? 50 : 200);
    }
  };
  const look = async (): Promise<void> => {
    if (!options.once) return platform.watch(context.stopping, context.say);
    while (!isStopping()) {
      unsettled = await platform.intake(context.stopping);
      if (unsettled === 0) break;
      await sleep(UNSETTLED_MS);
    }
    isLooking = false;
  };
  const tick = async (): Promise<void> => {
    for (let ticks = 1; !isStopping() && !options.once; ticks++) {
      await sleep(TICK_MS, undefined, { signal: context.stopping }).catch(() => {});
      if (isStopping()) return;
      await platform.resendAlerts();
      if (ticks % DECIDE_EVERY_TICKS === 0) await platform.decideLane();
      if (ticks % EXPIRE_EVERY_TICKS === 0) await expire(platform, options.retention);
    }
  };
  await Promise.all([look(), tick(), ...Array.from({ length: options.workers }, consume)]);
}

async function summarise(
  platform: Platform,
  { tally, isOnce }: { tally: Tally; isOnce: boolean },
): Promise<void> {
  const events = new Map<string, number>();
  const worked: Pick<SegmentItem, 'tier' | 'usage' | 'presences'>[] = [];
  const oddities: string[] = [];
  for (const camera of await platform.store.cameras()) {
    const items = await Array.fromAsync(platform.store.briefItems(camera));
    oddities.push(...describeOddities(reportCamera(camera, items)));
    for (const { tier, usage, presences } of items) worked.push({ tier, usage, presences });
    const { settings } = await platform.fleet.resolve(camera, items[0]!.startedAt);
    const frameEvents = stitchEvents(items, settings).filter((event) => event.zone === 'frame');
    events.set(camera, frameEvents.length);
  }
  for (const line of [...tally.lines(events), ...oddities]) console.log(line);
  const costs = worked.length === 0 ? [] : describeCosts(costByTier(worked));
  if (costs.length > 0) console.log(`If every hour were like this footage (${COST_ASSUMPTIONS}):`);
  for (const line of costs) console.log(`  ${line}`);
  const { behind, dead } = await platform.counts();
  if (dead > 0) console.log(`${dead} dead letters: see "tierwatch dead-letters list"`);
  if (!isOnce && behind > 0) console.log(`${behind} messages are left for the next start`);
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
