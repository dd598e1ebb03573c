import { readSync } from 'node:fs';
import { AV_CODEC_ID_H264 } from 'node-av/constants';

const FILLER_H264 = 12;
const FILLER_HEVC = 38;

/** How the bytes of a stream's packets are framed. */
export interface PacketFraming {
  readonly codec: 'h264' | 'hevc';
  /** Bytes of the length before each NAL unit (MP4, MKV); 0 for start codes (MPEG-TS). */
  readonly lengthBytes: number;
}

/** Reads the framing from the decoder configuration record (ISO/IEC 14496-15), absent in MPEG-TS. */
export function framingOf(codecId: number, extradata: Buffer | null): PacketFraming {
  const codec = codecId === AV_CODEC_ID_H264 ? 'h264' : 'hevc';
  if (extradata?.[0] !== 1) return { codec, lengthBytes: 0 };
  const at = codec === 'h264' ? 4 : 21;
  return { codec, lengthBytes: ((extradata[at] ?? 3) & 3) + 1 };
}

export interface CodedFacts {
  /** Bytes without filler NAL units: CBR encoders pad with them. */
  readonly bytes: number;
  /** Nothing refers to this frame, so decoders of later frames can do without it. */
  readonly isDisposable: boolean;
}

interface NalUnit {
  /** Its first byte, which tells the type. */
  readonly header: number;
  readonly size: number;
}

/** Reads what a packet's NAL units say of it. */
export function inspectUnits(
  units: Iterable<NalUnit>,
  packetBytes: number,
  { codec, lengthBytes }: PacketFraming,
): CodedFacts {
  let filler = 0;
  let isDisposable = true;
  let hasSlice = false;
  for (const { header, size } of units) {
    const type = codec === 'h264' ? header & 0x1f : (header >> 1) & 0x3f;
    if (type === (codec === 'h264' ? FILLER_H264 : FILLER_HEVC)) filler += size + lengthBytes;
    if (type > (codec === 'h264' ? 5 : 31) || (codec === 'h264' && type === 0)) continue;
    hasSlice = true;
    isDisposable &&= codec === 'h264' ? (header & 0x60) === 0 : type < 16 && type % 2 === 0;
  }
  return { bytes: packetBytes - filler, isDisposable: hasSlice && isDisposable };
}

/** A packet's NAL units; hostile lengths end the walk. */
export function unitsOf(data: Buffer, { lengthBytes }: PacketFraming): Generator<NalUnit> {
  return lengthBytes > 0 ? lengthFramed(data, lengthBytes) : startCodeFramed(data);
}

function* lengthFramed(data: Buffer, lengthBytes: number): Generator<NalUnit> {
  let at = 0;
  while (at + lengthBytes < data.length) {
    const size = data.readUIntBE(at, lengthBytes);
    at += lengthBytes;
    if (size === 0 || at + size > data.length) return;
    yield { header: data[at]!, size };
    at += size;
  }
}

const START_CODE = Buffer.from([0, 0, 1]);

function* startCodeFramed(data: Buffer): Generator<NalUnit> {
  let at = data.indexOf(START_CODE);
  while (at >= 0 && at + 3 < data.length) {
    const next = data.indexOf(START_CODE, at + 3);
    yield { header: data[at + 3]!, size: (next < 0 ? data.length : next) - at - 3 };
    at = next;
  }
}

/** Larger than most packets, so that one read serves several; no dearer than a read of five bytes where it serves one. */
const WINDOW_BYTES = 16 * 1024;

/** What lies in an open file, read from the page cache a window at a time. */
export class FileWindow {
  private readonly bytes = Buffer.allocUnsafe(WINDOW_BYTES);
  private from = 0;
  private held = 0;

  constructor(private readonly fd: number) {}

  /** The length that stands at a position, and the byte after it; null past the end. */
  unitAt(position: number, lengthBytes: number): NalUnit | null {
    const end = position + lengthBytes + 1;
    if (position < this.from || end > this.from + this.held) {
      this.from = position;
      this.held = readSync(this.fd, this.bytes, 0, WINDOW_BYTES, position);
    }
    if (end > this.from + this.held) return null;
    const at = position - this.from;
    return {
      size: this.bytes.readUIntBE(at, lengthBytes),
      header: this.bytes[at + lengthBytes]!,
    };
  }
}

/**
 * The same where the packet lies in its file as it is (MP4). A Buffer for each packet's data cost 15 ms a minute of
 * footage, most of it garbage collection; a read for each unit 3 ms.
 */
export function* unitsInFile(
  file: FileWindow,
  { position, bytes }: { readonly position: number; readonly bytes: number },
  lengthBytes: number,
): Generator<NalUnit> {
  let at = 0;
  while (at + lengthBytes < bytes) {
    const unit = file.unitAt(position + at, lengthBytes);
    if (unit === null) return;
    at += lengthBytes;
    if (unit.size === 0 || at + unit.size > bytes) return;
    yield unit;
    at += unit.size;
  }
}
