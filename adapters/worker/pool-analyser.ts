import type { VideoLimits } from '../../core/limits';
import type { AnalysedSegment, Analyser, PacketFloor, SegmentMessage } from '../../core/ports';
import { parseSegmentKey } from '../../core/segment-key';
import { rangeStartOf } from '../../core/work-segment';
import type { AnalysisJob } from './job';
import type { WorkerPool } from './pool';

/** Analyses messages in the pool's children, from files that `pathOf` finds. */
export class PoolAnalyser implements Analyser {
  constructor(
    private readonly pool: WorkerPool,
    private readonly options: {
      /** File of an object key. */
      readonly pathOf: (objectKey: string) => string;
      readonly modelFolderOf: (model: string) => string;
      readonly limits: VideoLimits;
    },
  ) {}

  async analyse(message: SegmentMessage, floor: PacketFloor | null): Promise<AnalysedSegment> {
    const answer = await this.pool.analyse({
      file: this.options.pathOf(message.objectKey),
      modelFolder: this.options.modelFolderOf(message.model),
      settings: message.settings,
      floor,
      range: partOf(message),
      startedAt: rangeStartOf(message),
      wantsSnapshots: true,
      limits: this.options.limits,
    });
    return { ...answer, durationSeconds: answer.video.durationSeconds };
  }
}

/** Which part of its file a message is about, in seconds from the first frame; null: all of it. */
export function partOf({
  segmentKey,
  range,
}: Pick<SegmentMessage, 'segmentKey' | 'range'>): AnalysisJob['range'] {
  const [fromMs, toMs] = range.split('-').map(Number) as [number, number];
  const isWhole = fromMs === 0 && toMs === Math.round(parseSegmentKey(segmentKey).seconds * 1000);
  return isWhole ? null : { fromSeconds: fromMs / 1000, toSeconds: toMs / 1000 };
}
