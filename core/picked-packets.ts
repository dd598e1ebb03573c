import * as z from 'zod';
import type { AnalysisSettings } from './camera-settings';
import { closedSamples, judgePackets } from './packet-verdict';
import type { PacketFact, PacketFloor, VideoFacts } from './ports';
import { planSamples, type Sample, type SamplingRange } from './sampling-plan';

const whole = z.number().int();
const size = whole.min(1).max(100_000);

/**
 * All that is known of a video's packets, beside the few that are sent: whoever has both comes to the same samples, gates
 * and pictures as with the whole file. Columns of one value a packet, in decoding order.
 */
export const pickedPacketsSchema = z
  .strictObject({
    timeBase: z.tuple([whole.min(1), whole.min(1)]).describe('Seconds a tick, as a fraction'),
    ticks: z.array(whole).min(1).describe('When each packet is shown, from the first frame'),
    bytes: z.array(whole.min(0)).describe('Coded bytes of each, without filler'),
    keyframes: z.array(whole.min(0)).describe('Which of them are keyframes'),
    sent: z.array(whole.min(0)).min(1).describe('Which of them the media part holds, in its order'),
    widthPx: size,
    heightPx: size,
    codec: z.enum(['h264', 'hevc']),
    durationSeconds: z.number().min(0),
    macroblocks: whole.min(1),
    partialReason: z.string().max(1000).nullable(),
  })
  .refine(({ ticks, bytes }) => ticks.length === bytes.length, {
    path: ['bytes'],
    error: 'expected one a packet',
  })
  .refine(
    ({ ticks, keyframes, sent }) => [keyframes, sent].every((one) => isRising(one, ticks.length)),
    {
      path: ['sent'],
      error: 'expected rising numbers of packets',
    },
  );
export type PickedPackets = z.infer<typeof pickedPacketsSchema>;

function isRising(numbers: readonly number[], below: number): boolean {
  return numbers.every((one, index) => one < below && one > (numbers[index - 1] ?? -1));
}

/** The facts that a whole file would have given. */
export function factsOf(picked: PickedPackets): VideoFacts {
  const { timeBase, ticks, bytes, keyframes, sent: _, ...facts } = picked;
  const secondsATick = timeBase[0] / timeBase[1];
  const isKeyframe = new Set(keyframes);
  const packets = ticks.map(
    (tick, index): PacketFact => ({
      atSeconds: tick * secondsATick,
      bytes: bytes[index]!,
      isKeyframe: isKeyframe.has(index),
    }),
  );
  return { ...facts, packets };
}

/**
 * Packets that an analysis can't do without: those of samples that the packet gate leaves open, a keyframe alone where
 * the sample is one, its whole group of pictures otherwise. In decoding order.
 */
export function neededPackets(
  facts: VideoFacts,
  {
    settings,
    floor,
    range,
  }: {
    readonly settings: AnalysisSettings;
    readonly floor: PacketFloor | null;
    readonly range: SamplingRange;
  },
): number[] {
  const samples = planSamples(facts.packets, settings.sampleIntervalSeconds, range);
  const judged = judgePackets(facts, range, settings.packetGate, floor);
  const isClosed = closedSamples(samples, judged);
  const wanted = wantedSamples(samples, isClosed, settings);
  const groups = groupsOf(facts.packets);
  const needed = new Set<number>();
  const taken = new Set<readonly number[]>();
  for (const { packetIndex, isKeyframe } of wanted) {
    if (isKeyframe) needed.add(packetIndex);
    const group = groups[packetIndex]!;
    // An hour without a second keyframe is one group, and every sample's.
    if (isKeyframe || taken.has(group)) continue;
    taken.add(group);
    for (const index of group) needed.add(index);
  }
  return [...needed].sort((a, b) => a - b);
}

/**
 * Open samples, and closed ones that the heartbeat may open. Without a motion gate that is known; with one, a sample may
 * be the first since the start that is inferred.
 */
function wantedSamples(
  samples: readonly Sample[],
  isClosed: readonly boolean[],
  { motionGate, heartbeatSeconds }: AnalysisSettings,
): Sample[] {
  let lastSeconds = Number.NEGATIVE_INFINITY;
  return samples.filter((sample, index) => {
    const elapsedSeconds = sample.atSeconds - lastSeconds;
    const isDue = elapsedSeconds >= heartbeatSeconds * (sample.isFirstOfGop ? 1 : 2);
    const isWanted = !isClosed[index] || isDue;
    if (isWanted && (!motionGate || index === 0)) lastSeconds = sample.atSeconds;
    return isWanted;
  });
}

/** For each packet those that it is decoded with: from its keyframe to the next one. */
function groupsOf(packets: readonly PacketFact[]): readonly (readonly number[])[] {
  const starts = packets.flatMap(({ isKeyframe }, index) => (isKeyframe ? [index] : []));
  const ranges = new Map<string, readonly number[]>();
  const between = (from: number, to: number): readonly number[] => {
    const key = `${from}-${to}`;
    const known = ranges.get(key) ?? Array.from({ length: to - from }, (_, index) => from + index);
    ranges.set(key, known);
    return known;
  };
  let group = -1;
  return packets.map(({ atSeconds, isKeyframe }, index) => {
    if (isKeyframe) group++;
    const start = starts[group];
    if (start === undefined) return between(index, index + 1);
    // A leading frame of an open GOP is shown before its keyframe, and needs the one before it as well.
    const isLeading = group > 0 && atSeconds < packets[start]!.atSeconds;
    return between(isLeading ? starts[group - 1]! : start, starts[group + 1] ?? packets.length);
  });
}

/** Cuts what is sent into parts of at most so many bytes, each from a keyframe on; null where a part alone is larger. */
export function cutAtKeyframes(
  { keyframes, sent }: Pick<PickedPackets, 'keyframes' | 'sent'>,
  sizeOf: (index: number) => number,
  maxBytes: number,
): number[][] | null {
  const isKeyframe = new Set(keyframes);
  const groups: { readonly indexes: number[]; bytes: number }[] = [];
  for (const index of sent) {
    if (isKeyframe.has(index) || groups.length === 0) groups.push({ indexes: [], bytes: 0 });
    const group = groups.at(-1)!;
    group.indexes.push(index);
    group.bytes += sizeOf(index);
  }
  if (groups.some(({ bytes }) => bytes > maxBytes)) return null;
  const parts: { readonly indexes: number[]; bytes: number }[] = [];
  for (const { indexes, bytes } of groups) {
    const last = parts.at(-1);
    if (last && last.bytes + bytes <= maxBytes) {
      for (const index of indexes) last.indexes.push(index);
      last.bytes += bytes;
    } else parts.push({ indexes, bytes });
  }
  return parts.map(({ indexes }) => indexes);
}
