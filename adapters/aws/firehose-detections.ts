import {
  type FirehoseClient,
  PutRecordBatchCommand,
  type PutRecordBatchResponseEntry,
} from '@aws-sdk/client-firehose';
import { TierwatchError } from '../../core/errors';
import type { DetectionArchive } from '../../core/ports';
import type { SegmentItem } from '../../core/segment-result';

/** Firehose did not take some of a segment's detections; sending them again is harmless. */
export class FirehoseDetectionsError extends TierwatchError {
  override readonly name = 'FirehoseDetectionsError';
  constructor(stream: string, failed: readonly PutRecordBatchResponseEntry[]) {
    const codes = [...new Set(failed.map(({ ErrorCode }) => ErrorCode ?? 'unknown'))].join(', ');
    super(
      `"${stream}": expected Firehose to take the segment's detections, found ${failed.length} records refused: ${codes}; they are sent again`,
      { code: 'firehose-detections', retryable: true },
    );
  }
}

/** https://docs.aws.amazon.com/firehose/latest/dev/limits.html: a record, a call's records and bytes. */
const MAX_RECORD_BYTES = 1_000_000;
const MAX_RECORDS = 500;
const MAX_CALL_BYTES = 4_000_000;

type Frame = SegmentItem['frames'][number];

/**
 * Every detection, for later analysis: one JSON line a segment, with `date` and `site` to partition by; more
 * only where a line would pass 1 MB. At least once: `analysisId`, `range` and `part` tell repetitions.
 */
export class FirehoseDetections implements DetectionArchive {
  constructor(
    private readonly firehose: FirehoseClient,
    private readonly stream: string,
  ) {}

  /** A segment without detections sends nothing. @throws {FirehoseDetectionsError} */
  async write(item: SegmentItem): Promise<void> {
    for (const lines of callsOf(detectionLines(item))) {
      const answer = await this.put(lines);
      const again = lines.filter((_, index) => answer[index]?.ErrorCode !== undefined);
      if (again.length === 0) continue;
      const failed = (await this.put(again)).filter(({ ErrorCode }) => ErrorCode !== undefined);
      if (failed.length > 0) throw new FirehoseDetectionsError(this.stream, failed);
    }
  }

  private async put(lines: readonly Buffer[]): Promise<readonly PutRecordBatchResponseEntry[]> {
    const Records = lines.map((Data) => ({ Data }));
    const command = new PutRecordBatchCommand({ DeliveryStreamName: this.stream, Records });
    return (await this.firehose.send(command)).RequestResponses ?? [];
  }
}

/** The lines of a segment's detections, each at most 1 MB; frames without any are left out. */
export function detectionLines(item: SegmentItem): Buffer[] {
  const frames = item.frames.filter(({ detections }) => detections.length > 0);
  const parts = frames.length > 0 ? partsOf(item, frames) : [];
  return parts.map((part, index) => lineOf(item, part, index));
}

/** Halves until each fits; one frame always does: a detector gives at most some hundreds of boxes. */
function partsOf(item: SegmentItem, frames: readonly Frame[]): (readonly Frame[])[] {
  const fits = lineOf(item, frames, frames.length).length <= MAX_RECORD_BYTES;
  if (fits || frames.length === 1) return [frames];
  const middle = Math.ceil(frames.length / 2);
  return [...partsOf(item, frames.slice(0, middle)), ...partsOf(item, frames.slice(middle))];
}

function lineOf(item: SegmentItem, frames: readonly Frame[], part: number): Buffer {
  const { camera, startedAt, segmentKey, objectVersion, range, analysisId, tier, model } = item;
  const line = {
    schemaVersion: 1,
    date: startedAt.slice(0, 10),
    site: camera.split('/')[0],
    ...{ camera, startedAt, segmentKey, objectVersion, range, analysisId, tier, model, part },
    frames,
  };
  return Buffer.from(`${JSON.stringify(line)}\n`);
}

function callsOf(lines: readonly Buffer[]): Buffer[][] {
  const calls: Buffer[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const line of lines) {
    const call = calls.at(-1);
    if (call && call.length < MAX_RECORDS && bytes + line.length <= MAX_CALL_BYTES) {
      call.push(line);
      bytes += line.length;
    } else {
      calls.push([line]);
      bytes = line.length;
    }
  }
  return calls;
}
