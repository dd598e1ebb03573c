import { statSync } from 'node:fs';
import {
  AV_CODEC_ID_H264,
  AV_CODEC_ID_HEVC,
  AV_LOG_QUIET,
  AV_NOPTS_VALUE,
  AV_PKT_DATA_DISPLAYMATRIX,
  AVERROR_EOF,
  AVMEDIA_TYPE_VIDEO,
  AVSEEK_FLAG_BACKWARD,
} from 'node-av/constants';
import { Codec, FormatContext, Log, Packet, type Stream } from 'node-av/lib';
import type { VideoLimits } from '../../core/limits';
import { UnreadableVideoError, UnsupportedVideoError, VideoLimitError } from './errors';
import { answerOf, isOfSystem } from './ffmpeg-answer';

const CONTAINERS = new Set(['mov', 'mp4', 'matroska', 'webm', 'mpegts']);

/** An opened file with its one video stream; packets come in decoding order. */
export class Demuxer {
  readonly stream: Stream;
  readonly rotationDegrees: 0 | 90 | 180 | 270;
  private readonly packet = new Packet();
  /** Asked for with every packet. */
  private readonly streamIndex: number;

  private constructor(
    readonly file: string,
    private readonly format: FormatContext,
    private readonly limits: VideoLimits,
  ) {
    this.packet.alloc();
    this.stream = chooseStream(file, format);
    this.streamIndex = this.stream.index;
    checkStream(file, this.stream, limits);
    this.rotationDegrees = rotationOf(this.stream);
  }

  /** @throws {UnreadableVideoError} {@link UnsupportedVideoError} {@link VideoLimitError} */
  static open(file: string, limits: VideoLimits): Demuxer {
    const { size } = statSync(file);
    if (size === 0) {
      throw new UnreadableVideoError(`"${file}": expected a video, found 0 bytes; land it again`);
    }
    if (size > limits.maxBytes) {
      throw new VideoLimitError(
        `"${file}": expected at most maxBytes ${limits.maxBytes}, found ${size}; raise the limit or cut the file with "tierwatch land"`,
      );
    }
    // What FFmpeg would print is said by our errors, once and by name.
    Log.setLevel(AV_LOG_QUIET);
    const format = new FormatContext();
    const opened = format.openInputSync(file);
    if (isOfSystem(opened)) {
      throw new UnreadableVideoError(
        `"${file}": expected a file that can be read, found ${answerOf(opened)}; check its owner and mode, then land it again`,
      );
    }
    if (opened < 0) {
      throw new UnreadableVideoError(
        `"${file}": expected MP4, MPEG-TS or MKV, found bytes that FFmpeg can't open: ${answerOf(opened)}; a truncated MP4 lacks its index: land it again`,
      );
    }
    try {
      checkContainer(file, format);
      if (!isDescribed(format) && format.findStreamInfoSync() < 0) {
        throw new UnreadableVideoError(`"${file}": expected streams, found none that can be read`);
      }
      return new Demuxer(file, format, limits);
    } catch (error) {
      format.closeInputSync();
      throw error;
    }
  }

  get timeBaseSeconds(): number {
    const { num, den } = this.stream.timeBase;
    return num / den;
  }

  /** From the container's header, in seconds; null where it does not say. */
  get durationSeconds(): number | null {
    if (this.stream.duration > 0n) return Number(this.stream.duration) * this.timeBaseSeconds;
    return this.format.duration > 0n ? Number(this.format.duration) / 1e6 : null;
  }

  /** Goes to the last keyframe at or before a stream time; stays where it is if that can't be done. */
  seek(ticks: bigint): void {
    this.format.seekFrameSync(this.streamIndex, ticks, AVSEEK_FLAG_BACKWARD);
  }

  /** The next packet of the video stream, valid until the next call; null at the end. */
  next(): Packet | null {
    for (;;) {
      this.packet.unref();
      const code = this.format.readFrameSync(this.packet);
      if (code === AVERROR_EOF) return null;
      if (code < 0) {
        this.readError ??= `reading stopped (FFmpeg code ${code})`;
        return null;
      }
      if (this.packet.streamIndex === this.streamIndex) return this.packet;
    }
  }

  /** Set once reading stopped for another reason than the end of the file. */
  readError: string | null = null;

  /** Whether each packet lies in the file as it is, at its `pos`. */
  get isVerbatim(): boolean {
    return namesOf(this.format).includes('mp4');
  }

  get maxFrames(): number {
    return this.limits.maxFrames;
  }

  close(): void {
    this.packet.free();
    this.format.closeInputSync();
  }
}

/** Presentation time in the stream's ticks; decoding time where a packet has none. */
export function ticksOf(packet: Packet): bigint {
  return packet.pts === AV_NOPTS_VALUE ? packet.dts : packet.pts;
}

function checkContainer(file: string, format: FormatContext): void {
  const names = namesOf(format);
  if (names.some((name) => CONTAINERS.has(name))) return;
  throw new UnsupportedVideoError(
    `"${file}": expected MP4, MPEG-TS or MKV, found ${names.join('/') || 'an unknown container'}`,
  );
}

function namesOf(format: FormatContext): string[] {
  return format.iformat?.name?.split(',') ?? [];
}

/** Most files describe their stream in the header; probing by decoding would cost a keyframe a file. */
function isDescribed(format: FormatContext): boolean {
  const videos = format.streams.filter(({ codecpar }) => codecpar.codecType === AVMEDIA_TYPE_VIDEO);
  return (
    videos.length > 0 &&
    videos.every(
      ({ codecpar, startTime }) =>
        codecpar.width > 0 && codecpar.extradataSize > 0 && startTime !== AV_NOPTS_VALUE,
    )
  );
}

function chooseStream(file: string, format: FormatContext): Stream {
  const index = format.findBestStream(AVMEDIA_TYPE_VIDEO);
  const stream = index >= 0 ? format.streams[index] : undefined;
  if (stream) return stream;
  throw new UnsupportedVideoError(
    `"${file}": expected a video stream, found none (audio only?); have the camera or recorder write its picture too`,
  );
}

function checkStream(file: string, stream: Stream, { maxPixels }: VideoLimits): void {
  const { codecId, width, height } = stream.codecpar;
  if (codecId !== AV_CODEC_ID_H264 && codecId !== AV_CODEC_ID_HEVC) {
    const name = Codec.findDecoder(codecId)?.name ?? `codec ${codecId}`;
    throw new UnsupportedVideoError(
      `"${file}": expected H.264 or H.265, found ${name}; set the camera to one of them, or convert the file`,
    );
  }
  if (width <= 0 || height <= 0) {
    throw new UnreadableVideoError(`"${file}": expected pictures, found no picture size`);
  }
  if (width * height > maxPixels) {
    throw new VideoLimitError(
      `"${file}": expected at most maxPixels ${maxPixels}, found ${width}x${height}; raise the limit or set the camera to a smaller stream`,
    );
  }
}

/** Rotation to apply for display, from the display matrix (16.16 fixed point, row by row). */
function rotationOf(stream: Stream): 0 | 90 | 180 | 270 {
  const matrix = stream.codecpar.getCodedSideData(AV_PKT_DATA_DISPLAYMATRIX);
  if (!matrix || matrix.length < 36) return 0;
  const degrees = (Math.atan2(matrix.readInt32LE(4), matrix.readInt32LE(0)) * 180) / Math.PI;
  return ((Math.round(degrees / 90) * 90 + 360) % 360) as 0 | 90 | 180 | 270;
}
