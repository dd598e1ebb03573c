import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import {
  AV_CODEC_FLAG_GLOBAL_HEADER,
  AV_CODEC_ID_H264,
  AV_CODEC_ID_HEVC,
  AV_LOG_ERROR,
  AV_PIX_FMT_RGB24,
  AV_PIX_FMT_YUV420P,
  AVERROR_EOF,
  FF_ENCODER_LIBX264,
  FF_ENCODER_LIBX265,
  SWS_BILINEAR,
} from 'node-av/constants';
import {
  Codec,
  CodecContext,
  FormatContext,
  Frame,
  Log,
  Packet,
  Rational,
  SoftwareScaleContext,
} from 'node-av/lib';

export interface EncodeOptions {
  readonly file: string;
  readonly widthPx: number;
  readonly heightPx: number;
  readonly fps: number;
  /** Frames from one keyframe to the next. */
  readonly keyframeInterval: number;
  /** Constant quality (0–51), or a constrained bit rate in bits a second. */
  readonly rate: { readonly crf: number } | { readonly bitrate: number };
  /** @default 'h264' */
  readonly codec?: 'h264' | 'hevc';
  /** Muxer. @default 'mp4' */
  readonly container?: 'mp4' | 'mpegts' | 'matroska';
  /** @default 0 */
  readonly bFrames?: number;
  /** Presentation time of each frame in frames; default: one after the other. */
  readonly timeOf?: (index: number) => number;
}

/**
 * Encodes RGB frames [height, width, 3] to a file, written aside and renamed. One thread and no encoder
 * stamp: the same frames give the same bytes on the same build.
 */
export async function encodeFrames(
  frames: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  options: EncodeOptions,
): Promise<void> {
  mkdirSync(dirname(options.file), { recursive: true });
  const aside = `${options.file}.part`;
  const encoder = new Encoder(aside, options);
  try {
    let index = 0;
    for await (const rgb of frames) {
      encoder.add(rgb, options.timeOf?.(index) ?? index);
      index++;
    }
    encoder.finish();
    renameSync(aside, options.file);
  } finally {
    rmSync(aside, { force: true });
  }
}

class Encoder {
  private readonly context = new CodecContext();
  private readonly format = new FormatContext();
  private readonly scaler = new SoftwareScaleContext();
  private readonly frame = new Frame();
  private readonly packet = new Packet();

  constructor(
    file: string,
    private readonly options: EncodeOptions,
  ) {
    const { widthPx, heightPx, fps, codec = 'h264', container = 'mp4' } = options;
    const encoder = Codec.findEncoderByName(
      codec === 'h264' ? FF_ENCODER_LIBX264 : FF_ENCODER_LIBX265,
    );
    const { context, format } = this;
    Log.setLevel(AV_LOG_ERROR);
    context.allocContext3(encoder);
    context.codecId = codec === 'h264' ? AV_CODEC_ID_H264 : AV_CODEC_ID_HEVC;
    context.width = widthPx;
    context.height = heightPx;
    context.pixelFormat = AV_PIX_FMT_YUV420P;
    context.timeBase = new Rational(1, fps);
    context.framerate = new Rational(fps, 1);
    context.gopSize = options.keyframeInterval;
    context.maxBFrames = options.bFrames ?? 0;
    context.threadCount = 1;
    context.setOption('preset', 'veryfast');
    this.setRate();
    if (container !== 'mpegts') context.setFlags(AV_CODEC_FLAG_GLOBAL_HEADER);
    check(context.open2Sync(encoder), 'encoder');
    check(format.allocOutputContext2(null, container, file), 'container');
    const stream = format.newStream();
    check(stream.codecpar.fromContext(context), 'stream');
    stream.timeBase = context.timeBase;
    check(format.openOutputSync(), file);
    check(format.writeHeaderSync(), 'header');
    this.scaler.getContext(
      widthPx,
      heightPx,
      AV_PIX_FMT_RGB24,
      widthPx,
      heightPx,
      AV_PIX_FMT_YUV420P,
      SWS_BILINEAR,
    );
    this.packet.alloc();
  }

  private setRate(): void {
    const { rate, keyframeInterval, bFrames = 0, codec = 'h264' } = this.options;
    if ('crf' in rate) this.context.setOption('crf', String(rate.crf));
    else {
      this.context.bitRate = BigInt(rate.bitrate);
      this.context.rcMaxRate = BigInt(rate.bitrate);
      this.context.rcBufferSize = rate.bitrate;
    }
    const gop = `keyint=${keyframeInterval}:min-keyint=${keyframeInterval}:scenecut=0:bframes=${bFrames}`;
    if (codec === 'h264')
      this.context.setOption('x264-params', `${gop}:threads=1:sliced-threads=0`);
    else
      this.context.setOption('x265-params', `${gop}:pools=1:frame-threads=1:log-level=none:info=0`);
  }

  add(rgb: Uint8Array, time: number): void {
    const { widthPx, heightPx } = this.options;
    const { frame } = this;
    frame.alloc();
    frame.format = AV_PIX_FMT_YUV420P;
    frame.width = widthPx;
    frame.height = heightPx;
    check(frame.getBuffer(), 'frame');
    const source = Buffer.from(rgb.buffer, rgb.byteOffset, rgb.byteLength);
    this.scaler.scaleSync([source], [widthPx * 3], 0, heightPx, frame.data!, frame.linesize);
    frame.pts = BigInt(time);
    check(this.context.sendFrameSync(frame), 'frame');
    frame.unref();
    this.drain();
  }

  finish(): void {
    this.context.sendFrameSync(null);
    this.drain();
    check(this.format.writeTrailerSync(), 'trailer');
    this.format.closeOutputSync();
    this.format.freeContext();
    this.context.freeContext();
  }

  private drain(): void {
    const stream = this.format.streams[0]!;
    while (this.context.receivePacketSync(this.packet) >= 0) {
      this.packet.streamIndex = 0;
      if (this.packet.duration <= 0n) this.packet.duration = 1n;
      this.packet.rescaleTs(this.context.timeBase, stream.timeBase);
      check(this.format.writeFrameSync(this.packet), 'packet');
      this.packet.unref();
    }
  }
}

function check(code: number, what: string): void {
  if (code < 0 && code !== AVERROR_EOF)
    throw new Error(`encoding failed at ${what}: FFmpeg answered ${code}`);
}
