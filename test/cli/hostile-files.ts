import { Codec, CodecContext, FormatContext, Frame, Packet, Rational } from 'node-av';
import {
  AV_CHANNEL_LAYOUT_MONO,
  AV_PIX_FMT_YUV420P,
  AV_SAMPLE_FMT_S16,
  type FFEncoderCodec,
} from 'node-av/constants';

/** A second of silence alone, in MKV. */
export function writeAudioOnly(file: string): void {
  const context = encoder('pcm_s16le');
  context.sampleRate = 8000;
  context.sampleFormat = AV_SAMPLE_FMT_S16;
  context.channelLayout = AV_CHANNEL_LAYOUT_MONO;
  context.timeBase = new Rational(1, 8000);
  encode(context, { file, container: 'matroska' }, (frame) => {
    frame.format = AV_SAMPLE_FMT_S16;
    frame.nbSamples = 800;
    frame.sampleRate = 8000;
    frame.channelLayout = AV_CHANNEL_LAYOUT_MONO;
    return 800;
  });
}

/** A second of MPEG-4 part 2, which is neither H.264 nor H.265. */
export function writeMpeg4(file: string): void {
  const context = encoder('mpeg4');
  context.width = 192;
  context.height = 112;
  context.pixelFormat = AV_PIX_FMT_YUV420P;
  context.timeBase = new Rational(1, 10);
  encode(context, { file, container: 'mp4' }, (frame) => {
    frame.format = AV_PIX_FMT_YUV420P;
    frame.width = 192;
    frame.height = 112;
    return 1;
  });
}

/** A copy of a video without any of its keyframes. */
export function writeWithoutKeyframes(from: string, file: string): void {
  const input = new FormatContext();
  input.openInputSync(from);
  input.findStreamInfoSync();
  const source = input.streams[0]!;
  const { format, stream } = open({ file, container: 'mp4' }, (made) => {
    source.codecpar.copy(made.codecpar);
    made.codecpar.codecTag = 0;
    made.timeBase = source.timeBase;
  });
  const packet = new Packet();
  packet.alloc();
  while (input.readFrameSync(packet) >= 0) {
    packet.rescaleTs(source.timeBase, stream.timeBase);
    if (!packet.isKeyframe) format.writeFrameSync(packet);
    packet.unref();
  }
  format.writeTrailerSync();
  format.closeOutputSync();
  input.closeInputSync();
}

function encoder(name: string): CodecContext {
  const context = new CodecContext();
  const codec = Codec.findEncoderByName(name as FFEncoderCodec)!;
  context.allocContext3(codec);
  context.codecId = codec.id;
  return context;
}

interface Target {
  readonly file: string;
  readonly container: string;
}

function open(
  { file, container }: Target,
  describe: (stream: ReturnType<FormatContext['newStream']>) => void,
) {
  const format = new FormatContext();
  format.allocOutputContext2(null, container, file);
  const stream = format.newStream();
  describe(stream);
  format.openOutputSync();
  format.writeHeaderSync();
  return { format, stream };
}

/** Ten frames. @param shape says what a frame is; returns its length in units of the time base */
function encode(context: CodecContext, target: Target, shape: (frame: Frame) => number): void {
  if (context.open2Sync() < 0) throw new Error(`no encoder for ${target.file}`);
  const { format, stream } = open(target, (made) => {
    made.codecpar.fromContext(context);
    made.timeBase = context.timeBase;
  });
  const packet = new Packet();
  packet.alloc();
  const drain = (): void => {
    while (context.receivePacketSync(packet) >= 0) {
      packet.streamIndex = 0;
      packet.rescaleTs(context.timeBase, stream.timeBase);
      format.writeFrameSync(packet);
      packet.unref();
    }
  };
  const frame = new Frame();
  for (let index = 0; index < 10; index++) {
    frame.alloc();
    const length = shape(frame);
    frame.getBuffer();
    frame.pts = BigInt(index * length);
    context.sendFrameSync(frame);
    frame.unref();
    drain();
  }
  context.sendFrameSync(null);
  drain();
  format.writeTrailerSync();
  format.closeOutputSync();
}
