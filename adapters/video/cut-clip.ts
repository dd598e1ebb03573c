import { rmSync } from 'node:fs';
import { AV_CODEC_ID_HEVC, AV_NOPTS_VALUE } from 'node-av/constants';
import { FormatContext, type Packet } from 'node-av/lib';
import { DEFAULT_LIMITS, type VideoLimits } from '../../core/limits';
import { Demuxer, ticksOf } from './demuxer';
import { UnreadableVideoError, UnsupportedVideoError } from './errors';
import { answerOf } from './ffmpeg-answer';

export interface ClipJob {
  /** Recordings by their start; seconds from the instant where the clip is to begin. */
  readonly parts: readonly { readonly file: string; readonly startSeconds: number }[];
  readonly seconds: number;
  /** File to write. */
  readonly out: string;
  readonly limits?: VideoLimits;
}

export interface CutClip {
  /** By which the clip begins before what was asked for: at a keyframe (s). */
  readonly earlySeconds: number;
  readonly seconds: number;
}

/** "hvc1", its first letter in the lowest byte. */
const HVC1 = 0x31637668;
const TIME_BASE = { num: 1, den: 90_000 } as const;
/** A part that begins this long before the clip is not read from its start (s). */
const SEEK_BEYOND_SECONDS = 30;
/** Recordings that follow each other may share this much (s). */
const OVERLAP_SECONDS = 0.05;

/**
 * Cuts a clip out of one or several recordings without transcoding: from the last keyframe before its start,
 * in one MP4 whose times are those of the clock, gaps included. A file that fails leaves none.
 * @throws {UnreadableVideoError} {@link UnsupportedVideoError}
 */
export function cutClip({ parts, seconds, out, limits = DEFAULT_LIMITS }: ClipJob): CutClip {
  const writer = new ClipWriter(out);
  try {
    for (const { file, startSeconds } of parts) {
      const demuxer = Demuxer.open(file, limits);
      try {
        writer.begin(demuxer);
        copyPart(demuxer, writer, { startSeconds, untilSeconds: seconds });
      } finally {
        demuxer.close();
      }
    }
    return writer.finish();
  } catch (error) {
    writer.discard();
    throw error;
  }
}

function copyPart(
  demuxer: Demuxer,
  writer: ClipWriter,
  { startSeconds, untilSeconds }: { readonly startSeconds: number; readonly untilSeconds: number },
): void {
  const { stream, timeBaseSeconds } = demuxer;
  const originTicks = stream.startTime === AV_NOPTS_VALUE ? 0n : stream.startTime;
  if (startSeconds < -SEEK_BEYOND_SECONDS) {
    demuxer.seek(originTicks + BigInt(Math.floor(-startSeconds / timeBaseSeconds)));
  }
  const toSeconds = (ticks: bigint): number =>
    startSeconds + Number(ticks - originTicks) * timeBaseSeconds;
  // Packets from the last keyframe on, for as long as the clip may begin at a later one.
  let held: TimedPacket[] = [];
  let isOpen = false;
  const open = (isOfHeld: boolean): void => {
    // What comes next may refer to what is held: where frames are reordered, before any held one reaches the clip.
    const isNeeded =
      isOfHeld ||
      held.some(({ packet, atSeconds }) => {
        return atSeconds + Number(packet.duration) * timeBaseSeconds > 0;
      });
    for (const one of held) {
      if (isNeeded) writer.write(one, timeBaseSeconds);
      else one.packet.free();
    }
    held = [];
    isOpen = true;
  };
  for (let packet = demuxer.next(); packet !== null; packet = demuxer.next()) {
    const atSeconds = toSeconds(ticksOf(packet));
    const dtsSeconds = packet.dts === AV_NOPTS_VALUE ? atSeconds : toSeconds(packet.dts);
    if (dtsSeconds >= untilSeconds) break;
    const mayBegin = packet.isKeyframe && atSeconds >= writer.endSeconds - OVERLAP_SECONDS;
    if (!isOpen && mayBegin && atSeconds <= 0) {
      for (const one of held) one.packet.free();
      held = [];
    } else if (!isOpen && (mayBegin || (held.length > 0 && atSeconds > 0))) {
      open(!mayBegin);
    } else if (!isOpen && held.length === 0) {
      continue;
    }
    const timed = { packet: cloned(packet), atSeconds, dtsSeconds };
    if (isOpen) writer.write(timed, timeBaseSeconds);
    else held.push(timed);
  }
  if (!isOpen) open(false);
}

interface TimedPacket {
  readonly packet: Packet;
  readonly atSeconds: number;
  readonly dtsSeconds: number;
}

class ClipWriter {
  private format: FormatContext | null = null;
  private first: { readonly codecId: number; readonly extradata: Buffer | null } | null = null;
  private originSeconds = 0;
  private lastDts: bigint | null = null;
  /** Where what was written ends (s). */
  endSeconds = Number.NEGATIVE_INFINITY;

  constructor(private readonly out: string) {}

  /** @throws {UnsupportedVideoError} for a recording that no player could go on with */
  begin(demuxer: Demuxer): void {
    const { codecpar } = demuxer.stream;
    if (this.first) {
      const isAlike =
        codecpar.codecId === this.first.codecId &&
        Buffer.compare(codecpar.extradata ?? EMPTY, this.first.extradata ?? EMPTY) === 0;
      if (isAlike) return;
      throw new UnsupportedVideoError(
        `"${demuxer.file}": expected a recording encoded as the one before it, found another encoding; ask for a clip that ends before it, or begins with it`,
      );
    }
    const { codecId, extradata } = codecpar;
    this.first = { codecId, extradata: extradata ? Buffer.from(extradata) : null };
    const format = new FormatContext();
    check(format.allocOutputContext2(null, 'mp4', this.out), this.out);
    const stream = format.newStream();
    codecpar.copy(stream.codecpar);
    // Apple's players take H.265 under this tag alone.
    stream.codecpar.codecTag = codecId === AV_CODEC_ID_HEVC ? HVC1 : 0;
    stream.timeBase = demuxer.stream.timeBase;
    check(format.openOutputSync(), this.out);
    this.format = format;
    check(format.writeHeaderSync(), this.out);
  }

  /** Decoding times only ever rise, also from one recording to the next. */
  write({ packet, atSeconds, dtsSeconds }: TimedPacket, timeBaseSeconds: number): void {
    if (this.lastDts === null) this.originSeconds = atSeconds;
    const pts = this.ticks(atSeconds);
    const wanted = this.ticks(dtsSeconds);
    const dts = this.lastDts !== null && wanted <= this.lastDts ? this.lastDts + 1n : wanted;
    const lastSeconds = atSeconds + Number(packet.duration) * timeBaseSeconds;
    this.endSeconds = Math.max(this.endSeconds, lastSeconds);
    this.lastDts = dts;
    packet.duration = BigInt(Math.round(Number(packet.duration) * timeBaseSeconds * TIME_BASE.den));
    packet.pts = pts < dts ? dts : pts;
    packet.dts = dts;
    packet.streamIndex = 0;
    packet.rescaleTs(TIME_BASE, this.format!.streams[0]!.timeBase);
    check(this.format!.writeFrameSync(packet), this.out);
    packet.free();
  }

  finish(): CutClip {
    if (!this.format || this.lastDts === null) {
      throw new UnreadableVideoError(
        'expected frames between those instants, found none; ask for a longer clip',
      );
    }
    check(this.format.writeTrailerSync(), this.out);
    this.close();
    return {
      earlySeconds: Math.max(0, -this.originSeconds),
      seconds: this.endSeconds - this.originSeconds,
    };
  }

  discard(): void {
    this.close();
    rmSync(this.out, { force: true });
  }

  private close(): void {
    this.format?.closeOutputSync();
    this.format?.freeContext();
    this.format = null;
  }

  private ticks(seconds: number): bigint {
    return BigInt(Math.round((seconds - this.originSeconds) * TIME_BASE.den));
  }
}

const EMPTY = Buffer.alloc(0);

function cloned(packet: Packet): Packet {
  const copy = packet.clone();
  if (copy) return copy;
  throw new UnreadableVideoError('expected memory for a frame, found none; close other programs');
}

function check(code: number, file: string): void {
  if (code >= 0) return;
  throw new UnreadableVideoError(
    `"${file}": expected to write a clip, found ${answerOf(code)}; check free space, owner and mode`,
  );
}
