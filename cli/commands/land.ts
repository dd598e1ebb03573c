import type { Command } from 'commander';
import { landRecording } from '../../adapters/video/land';
import { guarded } from '../exit';
import { instant, positiveNumber, requireCamera, requireFiles } from '../options';
import { counted } from '../table';

interface LandOptions {
  readonly camera: string;
  readonly at: string;
  readonly segmentSeconds: number;
  readonly footage: string;
  readonly json?: true;
}

export function registerLand(program: Command): void {
  program
    .command('land')
    .description('cut a recording at keyframes into segments, without transcoding')
    .argument('<file>', 'H.264 or H.265 in MP4, MPEG-TS or MKV')
    .requiredOption('--camera <camera>', 'site/camera')
    .requiredOption('--at <instant>', 'of the first frame, such as 2026-11-20T08:00:00Z', instant)
    .option('--segment-seconds <seconds>', 'about this long each', positiveNumber, 60)
    .requiredOption('--footage <dir>', 'folder that start watches')
    .option('--json', 'one JSON value a line')
    .action(
      guarded(async (file: string, { camera, at, segmentSeconds, footage, json }: LandOptions) => {
        requireFiles([file]);
        requireCamera(camera, '--camera ');
        const onSegment = (segmentKey: string): void =>
          console.log(json ? JSON.stringify({ segmentKey }) : segmentKey);
        const keys = landRecording({
          file,
          camera,
          startedAt: at,
          segmentSeconds,
          footage,
          onSegment,
        });
        console.error(`landed ${counted(keys.length, 'segment')}`);
      }),
    );
}
