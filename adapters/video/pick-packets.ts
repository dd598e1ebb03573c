import { rmSync, statSync } from 'node:fs';
import { AV_NOPTS_VALUE } from 'node-av/constants';
import { FormatContext, type Packet } from 'node-av/lib';
import type { AnalysisSettings } from '../../core/camera-settings';
import { DEFAULT_LIMITS, type VideoLimits } from '../../core/limits';
import { cutAtKeyframes, neededPackets, type PickedPackets } from '../../core/picked-packets';
import type { PacketFloor } from '../../core/ports';
import { Demuxer, ticksOf } from './demuxer';
import { UnreadableVideoError } from './errors';
import { answerOf } from './ffmpeg-answer';
import { scanPackets, videoFactsOf } from './packet-scan';

/** Asks for the packets that an analysis needs, as small files. */
export interface PickJob {
  readonly file: string;
  /** Where they are written: `<out>-0.mp4`, `<out>-1.mp4` … */
  readonly out: string;
  /** Size of one of them at most (bytes). */
  readonly maxBytes: number;
  readonly settings: AnalysisSettings;
  readonly floor: PacketFloor | null;
  readonly range: { readonly fromSeconds: number; readonly toSeconds: number } | null;
  readonly limits?: VideoLimits;
}

export interface PickedFile {
  readonly file: string;
  readonly bytes: number;
  readonly packets: PickedPackets;
}

/**
 * The needed packets of a video, remuxed without decoding; several files where one would be too large.
 * @returns null where that can't be done faithfully: the whole file is to be sent
 * @throws {UnreadableVideoError} {@link UnsupportedVideoError} {@link VideoLimitError}
 */
export function pickPackets({ limits = DEFAULT_LIMITS, ...job }: PickJob): PickedFile[] | null {
  const { packets, sizes, rangeTicks } = describePackets(job, limits);
  // Boxes beside the packets take some bytes of each.
  const sizeOf = (index: number): number => sizes[index]! + 64;
  const parts = cutAtKeyframes(packets, sizeOf, job.maxBytes - 4096);
  // The motion gate compares with the sample before: it can't be cut.
  if (!parts || (parts.length > 1 && job.settings.motionGate)) return null;
  const written = parts.map((_, part) => `${job.out}-${part}.mp4`);
  let isDone = false;
  try {
    const files: PickedFile[] = [];
    for (const [part, sent] of parts.entries()) {
      const file = written[part]!;
      if (!writePart(job.file, { file, sent, rangeTicks, limits })) return null;
      const one = { file, bytes: statSync(file).size, packets: { ...packets, sent } };
      if (!isFaithful(one, limits)) return null;
      files.push(one);
    }
    isDone = true;
    return files;
  } finally {
    if (!isDone) for (const file of written) rmSync(file, { force: true });
  }
}

function describePackets(
  { file, range, settings, floor }: Omit<PickJob, 'limits'>,
  limits: VideoLimits,
) {
  const demuxer = Demuxer.open(file, limits);
  try {
    return describe(demuxer, { range, settings, floor });
  } finally {
    demuxer.close();
  }
}

function describe(
  demuxer: Demuxer,
  { range, settings, floor }: Pick<PickJob, 'range' | 'settings' | 'floor'>,
) {
  const scan = scanPackets(demuxer, range ?? undefined);
  const facts = videoFactsOf(demuxer, scan);
  const { num, den } = demuxer.stream.timeBase;
  const span = {
    fromSeconds: range?.fromSeconds ?? 0,
    toSeconds: Math.min(range?.toSeconds ?? Number.POSITIVE_INFINITY, facts.durationSeconds),
  };
  const { packets: all, ...rest } = facts;
  const packets: PickedPackets = {
    ...rest,
    timeBase: [num, den],
    ticks: scan.packets.map(({ ticks }) => Number(ticks - scan.startTicks)),
    bytes: all.map(({ bytes }) => bytes),
    keyframes: all.flatMap(({ isKeyframe }, index) => (isKeyframe ? [index] : [])),
    sent: neededPackets(facts, { settings, floor, range: span }),
  };
  const sizes = scan.packets.map(({ wholeBytes }) => wholeBytes);
  return { packets, sizes, rangeTicks: scan.isRanged ? scan.rangeTicks : null };
}

/** The packets of one part, in a pass over the file that ends with the last of them. @returns whether MP4 takes them */
function writePart(
  source: string,
  {
    file,
    sent,
    rangeTicks,
    limits,
  }: {
    readonly file: string;
    readonly sent: readonly number[];
    readonly rangeTicks: bigint | null;
    readonly limits: VideoLimits;
  },
): boolean {
  const demuxer = Demuxer.open(source, limits);
  const writer = new PacketWriter(file, demuxer);
  try {
    if (rangeTicks !== null) demuxer.seek(rangeTicks);
    const wanted = new Set(sent);
    const last = sent.at(-1)!;
    for (let index = 0; index <= last; index++) {
      const packet = demuxer.next();
      if (packet === null || (wanted.has(index) && !writer.write(packet))) return false;
    }
    writer.finish();
    return true;
  } finally {
    writer.close();
    demuxer.close();
  }
}

/** One stream of an MP4, whose packets keep their bytes, order and times. */
class PacketWriter {
  private readonly format = new FormatContext();
  private lastDts: bigint | null = null;
  private isOpen = true;

  constructor(
    private readonly file: string,
    private readonly demuxer: Demuxer,
  ) {
    this.check(this.format.allocOutputContext2(null, 'mp4', file));
    const stream = this.format.newStream();
    demuxer.stream.codecpar.copy(stream.codecpar);
    stream.codecpar.codecTag = 0;
    stream.timeBase = demuxer.stream.timeBase;
    this.check(this.format.openOutputSync());
    this.check(this.format.writeHeaderSync());
  }

  write(packet: Packet): boolean {
    const pts = ticksOf(packet);
    const given = packet.dts === AV_NOPTS_VALUE ? pts : packet.dts;
    const dts = this.lastDts !== null && given <= this.lastDts ? this.lastDts + 1n : given;
    this.lastDts = dts;
    packet.pts = pts;
    packet.dts = dts;
    packet.streamIndex = 0;
    packet.rescaleTs(this.demuxer.stream.timeBase, this.format.streams[0]!.timeBase);
    return this.format.writeFrameSync(packet) >= 0;
  }

  finish(): void {
    this.check(this.format.writeTrailerSync());
  }

  close(): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.format.closeOutputSync();
    this.format.freeContext();
  }

  private check(code: number): void {
    if (code >= 0) return;
    throw new UnreadableVideoError(
      `"${this.file}": expected to write packets, found ${answerOf(code)}; check free space, owner and mode`,
    );
  }
}

/** Whether the packets come out as they went in: a container that drops or reorders some is not sent. */
function isFaithful({ file, packets }: PickedFile, limits: VideoLimits): boolean {
  const isKeyframe = new Set(packets.keyframes);
  const demuxer = Demuxer.open(file, limits);
  try {
    let count = 0;
    const shown: bigint[] = [];
    for (let packet = demuxer.next(); packet !== null; packet = demuxer.next()) {
      const index = packets.sent[count++];
      if (index === undefined || packet.isKeyframe !== isKeyframe.has(index)) return false;
      shown.push(ticksOf(packet));
    }
    return count === packets.sent.length && isOrdered(shown, packets);
  } finally {
    demuxer.close();
  }
}

/** Frames are told apart by their times: they must come in the same order. */
function isOrdered(shown: readonly bigint[], { sent, ticks }: PickedPackets): boolean {
  const order = shown
    .map((at, place) => ({ at, tick: ticks[sent[place]!]! }))
    .sort((a, b) => a.tick - b.tick);
  return order.every(({ at }, index) => index === 0 || at > order[index - 1]!.at);
}
