import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openEmbeddedApi } from '../cli/serve/embedded-api';
import { parseFleet } from '../core/fleet/parse';
import { createApi } from '../handlers/api';
import { cameraName } from './camera-name';
import { type DayOptions, writeDay } from './fleet-day';
import { describeMachine, printMachine, ranked } from './machine';

const USAGE =
  'usage: bench dashboard [--cameras COUNT] [--events-per-camera COUNT] [--rounds COUNT] [--data DIR] [--json]';
const GOAL_MS = 200;
/** Cameras that the calls of a camera's page are made for, in turn. */
const ASKED_CAMERAS = 25;

interface Figure {
  readonly page: 'now' | 'camera' | 'analytics' | 'playback' | 'fleet';
  readonly call: string;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly bytes: number;
}

/**
 * How long the api takes over the calls of the page, beside a store with a day of a fleet. The calls go to the
 * app itself, without a network; each is made for other cameras or periods than the last.
 */
export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      cameras: { type: 'string', default: '1000' },
      'events-per-camera': { type: 'string', default: '100' },
      rounds: { type: 'string', default: '40' },
      data: { type: 'string' },
      json: { type: 'boolean' },
    },
  });
  const day: DayOptions = {
    cameras: Number(values.cameras),
    eventsPerCamera: Number(values['events-per-camera']),
  };
  const rounds = Number(values.rounds);
  const counts = [day.cameras, day.eventsPerCamera, rounds];
  if (!counts.every((count) => Number.isInteger(count) && count > 0)) throw new Error(USAGE);
  const folder = values.data ?? mkdtempSync(join(tmpdir(), 'tierwatch-dashboard-'));
  try {
    const data = join(folder, 'data');
    if (!existsSync(data)) {
      mkdirSync(join(folder, 'footage'), { recursive: true });
      const seconds = await timed(() => writeDay(data, day));
      console.error(`${day.cameras} cameras' day written in ${(seconds / 1000).toFixed(0)} s`);
    }
    const figures = await measure(folder, day, rounds);
    print(figures, { day, rounds, json: values.json === true });
  } finally {
    if (values.data === undefined) rmSync(folder, { recursive: true, force: true });
  }
}

async function measure(folder: string, day: DayOptions, rounds: number): Promise<Figure[]> {
  const [file, text] = ['fleet.yaml', fleetText(day)];
  const api = await openEmbeddedApi({
    data: join(folder, 'data'),
    footage: join(folder, 'footage'),
    modelFolder: join(__dirname, '../model-build/default'),
    named: { fleet: parseFleet(file, text), texts: () => [{ file, text }] },
    allowedSites: () => 'all',
    onError: (error) => {
      throw error;
    },
  });
  const clock = { now: () => new Date(END_MS) };
  const app = createApi({ ...api.deps, clock });
  try {
    const figures: Figure[] = [];
    for (const { page, call, pathOf } of callsOf(day)) {
      const times: number[] = [];
      let bytes = 0;
      for (let round = -2; round < rounds; round++) {
        const path = pathOf(round + 2);
        const ms = await timed(async () => {
          const response = await app.request(path);
          const text = await response.text();
          if (response.status !== 200) throw new Error(`${path}: ${text}`);
          bytes = text.length;
        });
        // The first two bring the files into memory.
        if (round >= 0) times.push(ms);
      }
      const [p50Ms, p95Ms] = [ranked(times, 0.5), ranked(times, 0.95)];
      figures.push({ page, call, p50Ms, p95Ms, bytes });
    }
    return figures;
  } finally {
    api.close();
  }
}

/** The end of the day, as the api's now. */
const END_MS = Date.parse('2026-11-20T23:58:37.000Z');
const WEEK_MS = 7 * 86_400_000;

interface Call {
  readonly page: Figure['page'];
  readonly call: string;
  readonly pathOf: (round: number) => string;
}

/** What the pages ask for, as they ask for it. */
function callsOf({ cameras }: DayOptions): Call[] {
  const cameraOf = (round: number): string => {
    const step = Math.max(1, Math.floor(cameras / ASKED_CAMERAS));
    return cameraName((round * step) % cameras);
  };
  const week = (round: number): string => {
    const untilMs = END_MS - round * 1000;
    const [since, until] = [untilMs - WEEK_MS, untilMs].map((ms) => new Date(ms).toISOString());
    return `since=${since}&until=${until}`;
  };
  const analytics = (query: string): Call => ({
    page: 'analytics',
    call: query,
    pathOf: (round) => `/api/analytics/${query}?${week(round)}`,
  });
  return [
    { page: 'now', call: 'events, newest 200', pathOf: () => '/api/events?order=newest&limit=200' },
    {
      page: 'now',
      call: 'events of a site',
      pathOf: (round) => `/api/events?order=newest&limit=200&site=${cameraOf(round).split('/')[0]}`,
    },
    {
      page: 'now',
      call: 'events of a rare class',
      pathOf: () => '/api/events?order=newest&limit=200&className=truck',
    },
    { page: 'now', call: 'health', pathOf: () => '/api/health' },
    { page: 'now', call: 'cameras', pathOf: () => '/api/cameras?limit=500' },
    { page: 'camera', call: 'settings', pathOf: (round) => `/api/cameras/${cameraOf(round)}` },
    {
      page: 'camera',
      call: 'events, newest 20',
      pathOf: (round) =>
        `/api/events?order=newest&limit=20&zone=frame&camera=${cameraOf(round)}&${week(round)}`,
    },
    {
      page: 'camera',
      call: 'activity by hour',
      pathOf: (round) => `/api/analytics/activity-by-hour?camera=${cameraOf(round)}&${week(round)}`,
    },
    {
      page: 'camera',
      call: 'cost by line',
      pathOf: (round) => `/api/cameras/${cameraOf(round)}/cost?${week(round)}`,
    },
    {
      page: 'camera',
      call: 'segments, 100',
      pathOf: (round) => `/api/segments?camera=${cameraOf(round)}&limit=100`,
    },
    analytics('activity-by-hour'),
    analytics('cost-by-tier'),
    analytics('busiest-cameras'),
    analytics('lag-p95'),
    analytics('quiet-share'),
    {
      page: 'playback',
      call: 'timeline of the day',
      pathOf: (round) =>
        `/api/timeline?camera=${cameraOf(round)}&from=2026-11-20T00:00:00Z&to=2026-11-21T00:00:00Z`,
    },
    {
      page: 'fleet',
      call: 'tiers, 50 cameras',
      pathOf: (round) => `/api/fleet/tiers?limit=50&${week(round)}`,
    },
  ];
}

function fleetText({ cameras }: DayOptions): string {
  const names = Array.from({ length: cameras }, (_, index) => `  ${cameraName(index)}: {}`);
  return `defaults: { tier: low }\ncameras:\n${names.join('\n')}\n`;
}

function print(
  figures: readonly Figure[],
  { day, rounds, json }: { day: DayOptions; rounds: number; json: boolean },
): void {
  const machine = describeMachine();
  if (json) {
    console.log(JSON.stringify({ machine, goalMs: GOAL_MS, ...day, rounds, figures }));
    return;
  }
  printMachine(machine);
  const events = day.cameras * day.eventsPerCamera;
  console.log(
    `${day.cameras} cameras, a day of segments of 60 s (${day.cameras * 1440}), ${events} events; ${rounds} calls each, goal ≤ ${GOAL_MS} ms p95`,
  );
  for (const { page, call, p50Ms, p95Ms, bytes } of figures) {
    const over = p95Ms > GOAL_MS ? '  OVER' : '';
    console.log(
      `${page.padEnd(10)}${call.padEnd(26)}p50 ${p50Ms.toFixed(1).padStart(7)} ms  p95 ${p95Ms.toFixed(1).padStart(7)} ms ${String(Math.round(bytes / 1000)).padStart(6)} kB${over}`,
    );
  }
}

async function timed(work: () => Promise<void> | void): Promise<number> {
  const startedMs = performance.now();
  await work();
  return performance.now() - startedMs;
}
