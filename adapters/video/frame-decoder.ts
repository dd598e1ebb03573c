import { Codec, CodecContext, Frame, type Packet, type Stream } from 'node-av/lib';
import { UnreadableVideoError } from './errors';

/** One FFmpeg decoder on one thread, driven synchronously: awaiting every packet costs a quarter more. */
export class FrameDecoder {
  private readonly context = new CodecContext();
  readonly frame = new Frame();
  framesDecoded = 0;
  errors = 0;

  /** @param skipsLoopFilter saves a tenth of a keyframe and a quarter of a sequence; blurs block edges less */
  constructor(stream: Stream, { skipsLoopFilter }: { readonly skipsLoopFilter: boolean }) {
    const codec = Codec.findDecoder(stream.codecpar.codecId);
    this.context.allocContext3(codec);
    this.context.parametersToContext(stream.codecpar);
    this.context.pktTimebase = stream.timeBase;
    this.context.threadCount = 1;
    if (skipsLoopFilter) this.context.setOption('skip_loop_filter', 'all');
    if (this.context.open2Sync(codec) < 0) {
      throw new UnreadableVideoError('expected a decodable stream, found one the decoder refuses');
    }
    this.frame.alloc();
  }

  /** @param packet null drains what is left */
  send(packet: Packet | null): void {
    if (this.context.sendPacketSync(packet) < 0 && packet !== null) this.errors++;
  }

  /** Fills `frame` with the next picture in order of display. @returns whether there was one */
  receive(): boolean {
    this.frame.unref();
    if (this.context.receiveFrameSync(this.frame) < 0) return false;
    this.framesDecoded++;
    return true;
  }

  /** Decodes one keyframe by itself. */
  decodeAlone(packet: Packet): boolean {
    this.context.flushBuffers();
    this.send(packet);
    this.send(null);
    return this.receive();
  }

  reset(): void {
    this.context.flushBuffers();
  }

  close(): void {
    this.frame.free();
    this.context.freeContext();
  }
}
