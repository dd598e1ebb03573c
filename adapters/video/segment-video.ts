import { type Frame, Packet } from 'node-av/lib';
import { DEFAULT_LIMITS, type VideoLimits } from '../../core/limits';
import type { PickedPackets } from '../../core/picked-packets';
import type { Picture, SegmentVideo, VideoFacts } from '../../core/ports';
import { Demuxer, ticksOf } from './demuxer';
import { FrameDecoder } from './frame-decoder';
import {
  type PacketScan,
  type ScannedPacket,
  type ScanRange,
  scanPackets,
  videoFactsOf,
} from './packet-scan';
import { PickedVideo } from './picked-video';
import { DecodedPicture } from './picture';
import { Scaler } from './scaler';

export interface OpenOptions {
  readonly limits?: VideoLimits;
  /** Only this part of a long recording, seconds from its first frame. */
  readonly range?: ScanRange;
  /** The file holds only some packets of a video, and this is known of all. */
  readonly picked?: PickedPackets;
}

/**
 * Opens H.264 or H.265 in MP4, MPEG-TS or MKV. Demuxes once for the packets' facts; pictures are then
 * decoded one by one as they are asked for, from the keyframe before them and in rising order.
 * @throws {UnreadableVideoError} {@link UnsupportedVideoError} {@link VideoLimitError}
 */
export function openSegmentVideo(
  file: string,
  { limits = DEFAULT_LIMITS, range, picked }: OpenOptions = {},
): SegmentVideo {
  if (!picked) return openWhole(file, limits, range);
  const media = openWhole(file, limits);
  try {
    return new PickedVideo(media, picked, limits);
  } catch (error) {
    media.close();
    throw error;
  }
}

function openWhole(file: string, limits: VideoLimits, range?: ScanRange): FfmpegSegmentVideo {
  const demuxer = Demuxer.open(file, limits);
  try {
    const scan = scanPackets(demuxer, range);
    return new FfmpegSegmentVideo(demuxer, scan, limits);
  } catch (error) {
    demuxer.close();
    throw error;
  }
}

export class FfmpegSegmentVideo implements SegmentVideo {
  readonly facts: VideoFacts;
  private readonly scaler: Scaler;
  private readonly keyframeDecoders = new Map<'gate' | 'full', FrameDecoder>();
  private sequence: FrameDecoder | null = null;
  private readonly keyframe = new Packet();
  /** Index of the packet that the demuxer reads next; past the end after the scan. */
  private readIndex: number;
  private keyframeIndex = -1;
  /** Keyframe that the sequence decoder runs from; -1 when it must start anew. */
  private sequenceKeyframeIndex = -1;
  /** Set once the sequence decoder was told that its GOP is over. */
  private isDraining = false;
  private sequencePicture: { index: number; hasFrame: boolean } = { index: -1, hasFrame: false };
  private missing = 0;

  constructor(
    private demuxer: Demuxer,
    private readonly scan: PacketScan,
    private readonly limits: VideoLimits,
  ) {
    this.scaler = new Scaler(demuxer.rotationDegrees);
    this.keyframe.alloc();
    this.readIndex = scan.packets.length;
    this.facts = videoFactsOf(demuxer, scan);
  }

  get framesDecoded(): number {
    const decoders = [...this.keyframeDecoders.values(), this.sequence];
    return decoders.reduce((sum, decoder) => sum + (decoder?.framesDecoded ?? 0), 0);
  }

  get damage(): string | null {
    return this.missing > 0 ? `${this.missing} sampled frames could not be decoded` : null;
  }

  pictureAt(packetIndex: number, quality: 'gate' | 'full'): Picture | null {
    const wanted = this.scan.packets[packetIndex];
    if (!wanted) throw new RangeError(`packet ${packetIndex} of ${this.scan.packets.length}`);
    const frame = wanted.isKeyframe
      ? this.decodeKeyframe(packetIndex, quality)
      : this.decodeInSequence(packetIndex, wanted);
    if (frame === null) {
      this.missing++;
      return null;
    }
    return new DecodedPicture(frame, wanted.atSeconds, this.facts, this.scaler);
  }

  private decodeKeyframe(packetIndex: number, quality: 'gate' | 'full'): Frame | null {
    if (!this.moveToKeyframe(packetIndex)) return null;
    const decoder = this.keyframeDecoders.get(quality) ?? this.keyframeDecoder(quality);
    return decoder.decodeAlone(this.keyframe) ? decoder.frame : null;
  }

  private keyframeDecoder(quality: 'gate' | 'full'): FrameDecoder {
    const decoder = new FrameDecoder(this.demuxer.stream, { skipsLoopFilter: quality === 'gate' });
    this.keyframeDecoders.set(quality, decoder);
    return decoder;
  }

  private decodeInSequence(packetIndex: number, wanted: ScannedPacket): Frame | null {
    this.sequence ??= new FrameDecoder(this.demuxer.stream, { skipsLoopFilter: true });
    if (this.sequencePicture.index === packetIndex) {
      return this.sequencePicture.hasFrame ? this.sequence.frame : null;
    }
    const isSpent = this.isDraining && packetIndex >= this.readIndex;
    if (this.sequenceKeyframeIndex !== wanted.keyframeIndex || isSpent) {
      const isPlaced = this.readIndex === wanted.keyframeIndex + 1;
      if (!isPlaced) this.keyframeIndex = -1;
      if (!this.moveToKeyframe(wanted.keyframeIndex)) return null;
      this.sequence.reset();
      this.sequence.send(this.keyframe);
      this.sequenceKeyframeIndex = wanted.keyframeIndex;
      this.isDraining = false;
    }
    const hasFrame = this.runSequenceTo(packetIndex, wanted, this.sequence);
    this.sequencePicture = { index: packetIndex, hasFrame };
    return hasFrame ? this.sequence.frame : null;
  }

  /**
   * Feeds packets until the wanted picture comes out. Frames before it that nobody refers to are left out;
   * those after it may be asked for next.
   */
  private runSequenceTo(index: number, wanted: ScannedPacket, decoder: FrameDecoder): boolean {
    for (;;) {
      while (decoder.receive()) {
        const { pts } = decoder.frame;
        if (pts === wanted.ticks) return true;
        if (pts > wanted.ticks && this.readIndex > index) return false;
      }
      if (this.isDraining) return false;
      const packet = this.readPacket();
      const fact = this.scan.packets[this.readIndex - 1];
      // A leading frame of an open GOP is shown before the next keyframe and sent after it.
      const isPast = fact?.isKeyframe && this.readIndex - 1 > index;
      if (packet === null || isPast) {
        decoder.send(null);
        this.isDraining = true;
        continue;
      }
      const isLeftOut = fact?.isDisposable && fact.ticks < wanted.ticks;
      if (!isLeftOut) decoder.send(packet);
    }
  }

  /** Takes the keyframe packet in hand: by the container's index, or by reading on. */
  private moveToKeyframe(index: number): boolean {
    if (this.keyframeIndex === index) return true;
    if (this.scan.isIndexed && this.jumpToKeyframe(index)) return true;
    if (this.readIndex > index) this.reopen();
    while (this.keyframeIndex !== index) {
      if (this.readPacket() === null) return false;
    }
    return true;
  }

  /** Seeking spares the reading of what lies between; an index that lies is not believed. */
  private jumpToKeyframe(index: number): boolean {
    const wanted = this.scan.packets[index]!;
    if (index !== this.readIndex) this.demuxer.seek(wanted.ticks);
    this.readIndex = index;
    const packet = this.readPacket();
    if (packet !== null && ticksOf(packet) === wanted.ticks) return true;
    this.reopen();
    return false;
  }

  private readPacket(): Packet | null {
    if (this.readIndex >= this.scan.packets.length) return null;
    const packet = this.demuxer.next();
    if (packet === null) return null;
    if (this.scan.packets[this.readIndex]?.isKeyframe) {
      this.keyframe.unref();
      this.keyframe.ref(packet);
      this.keyframeIndex = this.readIndex;
    }
    this.readIndex++;
    return packet;
  }

  /** Back to the first packet of the scan. */
  private reopen(): void {
    const { file } = this.demuxer;
    this.demuxer.close();
    this.demuxer = Demuxer.open(file, this.limits);
    if (this.scan.isRanged) this.demuxer.seek(this.scan.rangeTicks);
    this.readIndex = 0;
    this.keyframeIndex = -1;
    this.sequenceKeyframeIndex = -1;
  }

  close(): void {
    for (const decoder of this.keyframeDecoders.values()) decoder.close();
    this.sequence?.close();
    this.keyframe.free();
    this.scaler.close();
    this.demuxer.close();
  }
}
