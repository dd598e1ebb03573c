import { basename } from 'node:path';
import { parseArgs } from 'node:util';
import { OnnxDetector } from '../adapters/onnx/onnx-detector';
import { Demuxer } from '../adapters/video/demuxer';
import { FrameDecoder } from '../adapters/video/frame-decoder';
import { DEFAULT_LIMITS } from '../core/limits';
import { todaysWay } from './bare';
import { cpuSecondsOf, describeMachine, median, printMachine } from './machine';

const HELP = `npm run bench -- decode-limit --model DIR [--every SECONDS] [--rounds N] FILE...
The most that a keyframe gate can win where no packet is left out: today's CPU over that of demuxing and decoding the
keyframes alone, without loop filter, without a gate, an inference or a row.
  --every   one keyframe in this many seconds; default 1
  --rounds  repetitions, interleaved, of which the median counts; default 3`;

export async function run(values: string[]): Promise<void> {
  const { values: options, positionals: files } = parseArgs({
    args: values,
    options: {
      model: { type: 'string' },
      every: { type: 'string', default: '1' },
      rounds: { type: 'string', default: '3' },
      help: { type: 'boolean', default: false },
    },
    allowPositionals: true,
  });
  if (options.help || !options.model || files.length === 0) {
    console.error(HELP);
    process.exitCode = options.help ? 0 : 2;
    return;
  }
  const detector = await OnnxDetector.load(options.model, { maxBatch: 1 });
  printMachine(describeMachine());
  for (const file of files) {
    const square = detector.inputFor(416, 416, '416x416');
    await detector.warm(square);
    const [today, decode]: [number[], number[]] = [[], []];
    let keyframes = 0;
    for (let round = 0; round < Number(options.rounds); round++) {
      today.push(await cpuSecondsOf(async () => void (await todaysWay(file, detector, square))));
      decode.push(
        await cpuSecondsOf(() => {
          keyframes = decodeKeyframes(file, Number(options.every));
        }),
      );
    }
    const [todaySeconds, decodeSeconds] = [median(today), median(decode)];
    console.log(
      `${basename(file)}: today ${todaySeconds.toFixed(2)} s, ${keyframes} keyframes ${decodeSeconds.toFixed(2)} s: at most ${(todaySeconds / decodeSeconds).toFixed(1)}x`,
    );
  }
}

/** @returns how many were decoded */
function decodeKeyframes(file: string, everySeconds: number): number {
  const demuxer = Demuxer.open(file, DEFAULT_LIMITS);
  const decoder = new FrameDecoder(demuxer.stream, { skipsLoopFilter: true });
  let nextSeconds = Number.NEGATIVE_INFINITY;
  for (let packet = demuxer.next(); packet !== null; packet = demuxer.next()) {
    const atSeconds = Number(packet.dts) * demuxer.timeBaseSeconds;
    if (!packet.isKeyframe || atSeconds < nextSeconds) continue;
    nextSeconds = atSeconds + everySeconds - 0.5;
    decoder.decodeAlone(packet);
  }
  const { framesDecoded } = decoder;
  decoder.close();
  demuxer.close();
  return framesDecoded;
}
