import { closeSync, openSync } from 'node:fs';
import { type Frame, Packet } from 'node-av/lib';
import { DEFAULT_LIMITS, type VideoLimits } from '../../core/limits';
import type { PickedPackets } from '../../core/picked-packets';
import type { PacketFact, Picture, SegmentVideo, VideoFacts } from '../../core/ports';
import {
  type CodedFacts,
  FileWindow,
  framingOf,
  inspectUnits,
  type PacketFraming,
  unitsInFile,
  unitsOf,
} from './coded-packet';
import { Demuxer, ticksOf } from './demuxer';
import { UnreadableVideoError, VideoLimitError } from './errors';
import { FrameDecoder } from './frame-decoder';
import { PickedVideo } from './picked-video';
import { DecodedPicture } from './picture';
import { Scaler } from './scaler';

interface ScannedPacket extends PacketFact {
  readonly ticks: bigint;
  readonly isDisposable: boolean;
  /** Index of the keyframe that decoding this packet starts from. */
  readonly keyframeIndex: number;
  /** With filler (bytes). */
  readonly wholeBytes: number;
}

export interface OpenOptions {
  readonly limits?: VideoLimits;
  /** Only this part of a long recording, seconds from its first frame. */
  readonly range?: { readonly fromSeconds: number; readonly toSeconds: number };
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

function openWhole(
  file: string,
  limits: VideoLimits,
  range?: OpenOptions['range'],
): FfmpegSegmentVideo {
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
    private readonly scan: Scan,
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

/** What the packets tell of a video. */
export function videoFactsOf({ rotationDegrees, stream }: Demuxer, scan: Scan): VideoFacts {
  const isTurned = rotationDegrees === 90 || rotationDegrees === 270;
  const { width, height } = stream.codecpar;
  return {
    widthPx: isTurned ? height : width,
    heightPx: isTurned ? width : height,
    codec: scan.codec,
    durationSeconds: scan.durationSeconds,
    macroblocks: Math.ceil(width / 16) * Math.ceil(height / 16),
    packets: scan.packets,
    partialReason: scan.partialReason,
  };
}

export interface Scan {
  readonly codec: 'h264' | 'hevc';
  readonly packets: readonly ScannedPacket[];
  readonly durationSeconds: number;
  readonly partialReason: string | null;
  readonly isIndexed: boolean;
  readonly isRanged: boolean;
  readonly startTicks: bigint;
  readonly rangeTicks: bigint;
}

/** Reads every packet once, for what it tells. */
export function scanPackets(demuxer: Demuxer, range: OpenOptions['range']): Scan {
  const fd = openSync(demuxer.file, 'r');
  try {
    return scanWith(new FileWindow(fd), demuxer, range);
  } finally {
    closeSync(fd);
  }
}

function scanWith(window: FileWindow, demuxer: Demuxer, range: OpenOptions['range']): Scan {
  const { stream, timeBaseSeconds } = demuxer;
  const framing = framingOf(stream.codecpar.codecId, stream.codecpar.extradata);
  const file = demuxer.isVerbatim ? window : null;
  const startTicks = stream.startTime > -(2n ** 62n) ? stream.startTime : 0n;
  const toSeconds = range?.toSeconds ?? Number.POSITIVE_INFINITY;
  const rangeTicks = startTicks + BigInt(Math.round((range?.fromSeconds ?? 0) / timeBaseSeconds));
  const isRanged = (range?.fromSeconds ?? 0) > 0;
  if (isRanged) demuxer.seek(rangeTicks);
  const packets: ScannedPacket[] = [];
  let endSeconds = 0;
  let keyframeIndex = -1;
  let previousKeyframeIndex = -1;
  for (let packet = demuxer.next(); packet !== null; packet = demuxer.next()) {
    if (packets.length >= demuxer.maxFrames) {
      throw new VideoLimitError(
        `"${demuxer.file}": expected at most maxFrames ${demuxer.maxFrames}, found more; cut the file with "tierwatch land"`,
      );
    }
    const ticks = ticksOf(packet);
    const atSeconds = Number(ticks - startTicks) * timeBaseSeconds;
    if (packet.isKeyframe) {
      if (atSeconds >= toSeconds) break;
      previousKeyframeIndex = keyframeIndex;
      keyframeIndex = packets.length;
    }
    const isLeading = keyframeIndex >= 0 && ticks < (packets[keyframeIndex]?.ticks ?? ticks);
    const { bytes, isDisposable } = inspect(packet, framing, file);
    packets.push({
      ticks,
      atSeconds,
      bytes,
      isKeyframe: packet.isKeyframe,
      isDisposable,
      wholeBytes: packet.size,
      keyframeIndex: isLeading ? previousKeyframeIndex : keyframeIndex,
    });
    endSeconds = Math.max(endSeconds, atSeconds + Number(packet.duration) * timeBaseSeconds);
  }
  return {
    codec: framing.codec,
    packets: requireKeyframe(demuxer.file, packets),
    durationSeconds: endSeconds,
    partialReason: partialReasonOf(demuxer, packets.length, range),
    isIndexed: framing.lengthBytes > 0,
    isRanged,
    startTicks,
    rangeTicks,
  };
}

/** @param file where the packet lies in it as it is, else null */
function inspect(packet: Packet, framing: PacketFraming, file: FileWindow | null): CodedFacts {
  const { size } = packet;
  const position = Number(packet.pos);
  const units =
    file !== null && position >= 0 && framing.lengthBytes > 0
      ? unitsInFile(file, { position, bytes: size }, framing.lengthBytes)
      : unitsOf(packet.data ?? Buffer.alloc(0), framing);
  return inspectUnits(units, size, framing);
}

/** Packets before the first keyframe can't be decoded and are not counted. */
function requireKeyframe(
  file: string,
  packets: readonly ScannedPacket[],
): readonly ScannedPacket[] {
  if (packets.length === 0) {
    throw new UnreadableVideoError(
      `"${file}": expected frames, found none; the file was cut off before its first frame`,
    );
  }
  if (!packets.some((packet) => packet.isKeyframe)) {
    throw new UnreadableVideoError(
      `"${file}": expected a keyframe, found ${packets.length} frames without one; set the camera's keyframe interval below the segment's length`,
    );
  }
  return packets;
}

function partialReasonOf(
  demuxer: Demuxer,
  read: number,
  range: OpenOptions['range'],
): string | null {
  if (demuxer.readError) return `${demuxer.readError} after ${read} frames`;
  const announced = Number(demuxer.stream.nbFrames);
  if (range || announced <= read) return null;
  return `the file ends after ${read} of ${announced} frames`;
}
