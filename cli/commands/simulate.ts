import { renameSync, writeFileSync } from 'node:fs';
import { extname } from 'node:path';
import { type Command, Option } from 'commander';
import { ModelImportError } from '../../model-build/errors';
import { framesOf } from '../../model-build/simulator/clips';
import { writeDemo } from '../../model-build/simulator/demo';
import { encodeFrames } from '../../model-build/simulator/encode';
import { writeFrames } from '../../model-build/simulator/frames';
import { clipOf, expectedEvents, SCRIPTS } from '../../model-build/simulator/scripts';
import { guarded } from '../exit';
import { UsageError, wholeNumber } from '../options';
import { Progress } from '../start/progress';

/** `tierwatch model simulate …`: scenes with known truth. */
export function registerSimulatorCommands(model: Command): void {
  const simulate = model.command('simulate').description('draw camera scenes with known truth');
  simulate
    .command('frames')
    .description("training pictures and annotations.json in COCO's format")
    .requiredOption('--out <dir>', 'folder')
    .option('--count <pictures>', 'how many', Number, 1000)
    .option('--seed <number>', 'the same seed draws the same pictures', Number, 1)
    .option('--size <size>', 'WIDTHxHEIGHT in px', '416x256')
    .action(
      guarded(async (options: { out: string; count: number; seed: number; size: string }) => {
        const size = /^(\d{2,4})x(\d{2,4})$/.exec(options.size);
        if (!size)
          throw new ModelImportError(
            'bad-input-shape',
            `"--size ${options.size}": expected WIDTHxHEIGHT, such as 416x256`,
          );
        await writeFrames({
          out: options.out,
          count: options.count,
          seed: options.seed,
          widthPx: Number(size[1]),
          heightPx: Number(size[2]),
          onProgress: (done) => {
            if (done % 500 === 0) console.error(`${done} of ${options.count} pictures`);
          },
        });
      }),
    );
  simulate
    .command('video')
    .description('footage of a scripted scene, and what happens in it as FILE.truth.json')
    .addOption(
      new Option('--script <name>', 'what happens')
        .choices(Object.keys(SCRIPTS))
        .makeOptionMandatory(),
    )
    .requiredOption('--out <file>', 'video, .mp4, .ts or .mkv')
    .option('--seconds <seconds>', 'length; scenes repeat each minute', wholeNumber, 60)
    .option('--size <size>', 'WIDTHxHEIGHT in px', '640x360')
    .option('--fps <rate>', 'frames a second', wholeNumber, 10)
    .option('--seed <number>', 'the same seed draws the same pictures', wholeNumber, 1)
    .option('--gop <frames>', 'frames from one keyframe to the next', wholeNumber, 10)
    .option('--crf <quality>', 'constant quality, 0 to 51', wholeNumber, 28)
    .option('--bitrate <kbit>', 'constrained bit rate instead, kbit/s', wholeNumber)
    .option('--codec <name>', 'h264 or hevc', 'h264')
    .addHelpText('after', `\nScripts:\n${describeScripts()}`)
    .action(guarded(simulateVideo));
  simulate
    .command('demo')
    .description("the demo fleet's footage and truth.json")
    .option('--out <dir>', 'folder', 'demo')
    .action(
      guarded(async ({ out }: { out: string }) => writeDemo(out, (key) => console.error(key))),
    );
}

interface VideoOptions {
  readonly script: string;
  readonly out: string;
  readonly seconds: number;
  readonly size: string;
  readonly fps: number;
  readonly seed: number;
  readonly gop: number;
  readonly crf: number;
  readonly bitrate?: number;
  readonly codec: string;
}

const CONTAINERS = { '.mp4': 'mp4', '.ts': 'mpegts', '.mkv': 'matroska' } as const;
/** The product's quiet gap: events of the truth are closed as the road closes them. */
const QUIET_GAP_SECONDS = 10;

async function simulateVideo(options: VideoOptions): Promise<void> {
  const { script, out, seconds, fps, seed } = options;
  const size = /^(\d{2,4})x(\d{2,4})$/.exec(options.size);
  const container = CONTAINERS[extname(out) as keyof typeof CONTAINERS];
  if (!size || Number(size[1]) % 2 === 1 || Number(size[2]) % 2 === 1) {
    throw new UsageError(`"--size ${options.size}": expected WIDTHxHEIGHT of even numbers`);
  }
  if (!container)
    throw new UsageError(`"--out ${out}": expected a name that ends .mp4, .ts or .mkv`);
  if (options.codec !== 'h264' && options.codec !== 'hevc') {
    throw new UsageError(`"--codec ${options.codec}": expected h264 or hevc`);
  }
  const [widthPx, heightPx] = [Number(size[1]), Number(size[2])];
  const clip = clipOf(script, { seed, seconds, widthPx, heightPx, fps });
  const progress = new Progress();
  await encodeFrames(counted(framesOf(clip), seconds * fps, progress), {
    ...{ file: out, widthPx, heightPx, fps, container, codec: options.codec },
    keyframeInterval: options.gop,
    rate: options.bitrate ? { bitrate: options.bitrate * 1000 } : { crf: options.crf },
  });
  progress.clear();
  const truth = { script, seed, seconds, events: expectedEvents(clip, QUIET_GAP_SECONDS) };
  const file = `${out.slice(0, -extname(out).length)}.truth.json`;
  writeFileSync(`${file}.part`, `${JSON.stringify(truth, null, 2)}\n`);
  renameSync(`${file}.part`, file);
  console.log(`${out}: ${seconds} s of ${script}, ${truth.events.length} events; ${file}`);
}

async function* counted(
  frames: AsyncGenerator<Uint8Array>,
  total: number,
  progress: Progress,
): AsyncGenerator<Uint8Array> {
  let done = 0;
  for await (const frame of frames) {
    if (done++ % 50 === 0) progress.show(`${done} of ${total} frames`);
    yield frame;
  }
}

function describeScripts(): string {
  return Object.entries(SCRIPTS)
    .map(([name, { describes }]) => `  ${name.padEnd(14)} ${describes}`)
    .join('\n');
}
