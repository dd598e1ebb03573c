import type { Command } from 'commander';
import { Database } from '../../adapters/embedded/database';
import { SqliteEventItems } from '../../adapters/embedded/sqlite-event-items';
import { SqliteStore } from '../../adapters/embedded/sqlite-store';
import { type StitchedEvent, stitchEvents } from '../../core/events';
import { resolveCamera } from '../../core/fleet/resolve';
import type { Fleet } from '../../core/fleet/schema';
import { guarded } from '../exit';
import { DEFAULT_DATA, DEMO_FLEET, instant, readFleet, requireCamera } from '../options';
import { usedFleet } from '../start/used-fleet';
import { counted } from '../table';

interface EventsOptions {
  readonly data: string;
  readonly fleet?: string;
  readonly camera?: string;
  readonly since?: string;
  readonly class?: string;
  readonly zone?: string;
  readonly json?: true;
}

export function registerEvents(program: Command): void {
  program
    .command('events')
    .description('events, stitched from the rows; works beside a running start')
    .option('--data <dir>', 'data folder of start', DEFAULT_DATA)
    .option('--fleet <file>', 'fleet file (YAML); default: what start ran by last')
    .option('--camera <camera>', 'only this site/camera')
    .option('--since <instant>', 'only events that end after it', instant)
    .option('--class <name>', 'only this class')
    .option('--zone <name>', 'only this zone; default: the whole picture', 'frame')
    .option('--json', 'one DetectionEvent a line')
    .action(guarded(events));
}

async function events(options: EventsOptions): Promise<void> {
  if (options.camera) requireCamera(options.camera, '--camera ');
  const database = Database.openReadOnly(options.data);
  try {
    const fleet = options.fleet
      ? readFleet(options.fleet)
      : (usedFleet(options.data) ?? readFleet(DEMO_FLEET));
    const store = new SqliteEventItems(database);
    const known = await new SqliteStore(database).cameras();
    let printed = 0;
    for (const camera of options.camera ? [options.camera] : known) {
      for (const event of await eventsOf(store, fleet, camera)) {
        const isWanted =
          event.zone === options.zone &&
          (!options.class || event.className === options.class) &&
          (!options.since || event.endedAt > options.since);
        if (!isWanted) continue;
        printed++;
        console.log(options.json ? toJson(event) : toLine(event));
      }
    }
    if (printed === 0)
      console.error(
        `no such events among those of ${counted(known.length, 'camera')}; see "tierwatch cameras"`,
      );
  } finally {
    database.close();
  }
}

/** A camera's events, by the settings in force at its first row. */
async function eventsOf(
  store: SqliteEventItems,
  fleet: Fleet,
  camera: string,
): Promise<StitchedEvent[]> {
  const items = await Array.fromAsync(store.allOfCamera(camera));
  if (items.length === 0) return [];
  return stitchEvents(items, resolveCamera(fleet, camera, items[0]!.startedAt).settings);
}

function toJson({ partIds: _, ...event }: StitchedEvent): string {
  return JSON.stringify(event);
}

function toLine(event: StitchedEvent): string {
  const kind = event.isStationary ? '  stationary' : event.isOpen ? '  open' : '';
  return `${event.camera.padEnd(24)} ${event.className.padEnd(10)} ${event.startedAt} to ${event.endedAt}  peak ${event.peakCount}  best confidence ${event.bestConfidence.toFixed(2)}${kind}`;
}
