import { closeSync, openSync } from 'node:fs';
import type { Packet } from 'node-av/lib';
import type { PacketFact, VideoFacts } from '../../core/ports';
import {
  type CodedFacts,
  FileWindow,
  framingOf,
  inspectUnits,
  type PacketFraming,
  unitsInFile,
  unitsOf,
} from './coded-packet';
import { type Demuxer, ticksOf } from './demuxer';
import { UnreadableVideoError, VideoLimitError } from './errors';

/** Part of a long recording, seconds from its first frame. */
export interface ScanRange {
  readonly fromSeconds: number;
  readonly toSeconds: number;
}

export interface ScannedPacket extends PacketFact {
  readonly ticks: bigint;
  readonly isDisposable: boolean;
  /** Index of the keyframe that decoding this packet starts from. */
  readonly keyframeIndex: number;
  /** With filler (bytes). */
  readonly wholeBytes: number;
}

/** What one pass over a video's packets tells, without decoding any. */
export interface PacketScan {
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
export function scanPackets(demuxer: Demuxer, range: ScanRange | undefined): PacketScan {
  const fd = openSync(demuxer.file, 'r');
  try {
    return scanWith(new FileWindow(fd), demuxer, range);
  } finally {
    closeSync(fd);
  }
}

function scanWith(window: FileWindow, demuxer: Demuxer, range: ScanRange | undefined): PacketScan {
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
  range: ScanRange | undefined,
): string | null {
  if (demuxer.readError) return `${demuxer.readError} after ${read} frames`;
  const announced = Number(demuxer.stream.nbFrames);
  if (range || announced <= read) return null;
  return `the file ends after ${read} of ${announced} frames`;
}

/** What the packets tell of a video. */
export function videoFactsOf({ rotationDegrees, stream }: Demuxer, scan: PacketScan): VideoFacts {
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
