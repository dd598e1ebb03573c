import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { AVERROR_EOF } from 'node-av/constants';
import { FormatContext, type Packet } from 'node-av/lib';
import { DEFAULT_LIMITS } from '../../core/limits';
import { formatSegmentKey } from '../../core/segment-key';
import { Demuxer, ticksOf } from './demuxer';
import { SegmentWriteError, UnreadableVideoError } from './errors';
import { answerOf } from './ffmpeg-answer';

export interface LandRequest {
  readonly file: string;
  /** `site/camera` */
  readonly camera: string;
  /** Instant of the recording's first frame, ISO. */
  readonly startedAt: string;
  readonly segmentSeconds: number;
  /** Folder laid out as segment keys. */
  readonly footage: string;
  readonly onSegment: (key: string) => void;
}

/**
 * Cuts a recording at keyframes into MP4 segments of about `segmentSeconds` without transcoding. Each is
 * written under a temporary name and renamed when whole. @returns the keys, by start
 * @throws {UnreadableVideoError} {@link UnsupportedVideoError} {@link SegmentWriteError}
 */
export function landRecording(request: LandRequest): string[] {
  const demuxer = Demuxer.open(request.file, {
    ...DEFAULT_LIMITS,
    maxBytes: Number.MAX_SAFE_INTEGER,
  });
  const keys: string[] = [];
  let open: OpenSegment | null = null;
  let originTicks: bigint | null = null;
  const finish = (): void => {
    if (!open) return;
    const key = open.finish();
    keys.push(key);
    request.onSegment(key);
    open = null;
  };
  try {
    for (let packet = demuxer.next(); packet !== null; packet = demuxer.next()) {
      const ticks = ticksOf(packet);
      if (packet.isKeyframe) {
        originTicks ??= ticks;
        const seconds = open ? (open as OpenSegment).secondsUntil(ticks) : Number.POSITIVE_INFINITY;
        if (seconds >= request.segmentSeconds - 0.05) {
          finish();
          open = new OpenSegment(request, demuxer, { ticks, originTicks });
        }
      }
      (open as OpenSegment | null)?.write(packet);
    }
    finish();
  } catch (error) {
    throw asWriteError(request.footage, error);
  } finally {
    (open as OpenSegment | null)?.discard();
    demuxer.close();
  }
  if (keys.length > 0) return keys;
  throw new UnreadableVideoError(
    `"${request.file}": expected frames from a keyframe on, found none; nothing was landed`,
  );
}

class OpenSegment {
  private readonly format = new FormatContext();
  private readonly aside: string;
  private readonly timeBase: { readonly num: number; readonly den: number };
  private endTicks: bigint;
  private readonly startedAt: string;

  constructor(
    private readonly request: LandRequest,
    demuxer: Demuxer,
    private readonly from: { readonly ticks: bigint; readonly originTicks: bigint },
  ) {
    const { num, den } = demuxer.stream.timeBase;
    this.timeBase = { num, den };
    this.endTicks = from.ticks;
    const offsetMs = Math.round((Number(from.ticks - from.originTicks) * num * 1000) / den);
    this.startedAt = new Date(Date.parse(request.startedAt) + offsetMs).toISOString();
    const name = `.${this.startedAt.replace(/[-:.]/g, '')}.${process.pid}.part`;
    this.aside = join(request.footage, request.camera, name);
    mkdirSync(dirname(this.aside), { recursive: true });
    check(this.format.allocOutputContext2(null, 'mp4', this.aside), this.aside);
    const stream = this.format.newStream();
    demuxer.stream.codecpar.copy(stream.codecpar);
    stream.codecpar.codecTag = 0;
    stream.timeBase = demuxer.stream.timeBase;
    check(this.format.openOutputSync(), this.aside);
    check(this.format.writeHeaderSync(), this.aside);
  }

  secondsUntil(ticks: bigint): number {
    return (Number(ticks - this.from.ticks) * this.timeBase.num) / this.timeBase.den;
  }

  /** Times start at 0 in every segment. */
  write(packet: Packet): void {
    const copy = packet.clone();
    if (!copy)
      throw new UnreadableVideoError(`"${this.request.file}": a frame could not be copied`);
    const endTicks = ticksOf(copy) + copy.duration;
    if (endTicks > this.endTicks) this.endTicks = endTicks;
    copy.pts = ticksOf(copy) - this.from.ticks;
    copy.dts = copy.dts - this.from.ticks;
    copy.streamIndex = 0;
    copy.rescaleTs(this.timeBase, this.format.streams[0]!.timeBase);
    check(this.format.writeFrameSync(copy), this.aside);
    copy.free();
  }

  finish(): string {
    check(this.format.writeTrailerSync(), this.aside);
    this.format.closeOutputSync();
    this.format.freeContext();
    const seconds = Math.max(0.001, this.secondsUntil(this.endTicks));
    const { camera, footage } = this.request;
    const key = formatSegmentKey({ camera, startedAt: this.startedAt, seconds, extension: 'mp4' });
    renameSync(this.aside, join(footage, key));
    return key;
  }

  discard(): void {
    rmSync(this.aside, { force: true });
  }
}

function check(code: number, file: string): void {
  if (code >= 0 || code === AVERROR_EOF) return;
  throw new SegmentWriteError(
    `"${file}": expected to write a segment, found ${answerOf(code)}; check free space, owner and mode`,
  );
}

/** The system's complaint about the folder as one sentence. */
function asWriteError(footage: string, error: unknown): unknown {
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (syscall === undefined) return error;
  return new SegmentWriteError(
    `"${footage}": expected a folder that segments can be written to, found ${code} (${syscall}); name another --footage`,
    error,
  );
}
