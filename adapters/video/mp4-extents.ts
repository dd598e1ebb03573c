/** Bytes [from, to) of a file. */
export interface Extent {
  readonly from: number;
  readonly to: number;
}

/** Reads up to `length` bytes at an offset; fewer only at the end of the file. */
export type ReadAt = (offset: number, length: number) => Promise<Buffer>;

/** A time range around which a reader needs everything from the keyframe before it. */
export interface SecondsRange {
  readonly fromSeconds: number;
  readonly toSeconds: number;
}

/** Edit lists and reordered frames shift what is shown against what is stored, never by more than this. */
const MARGIN_SECONDS = 3;
const MAX_INDEX_BYTES = 256 * 1024 * 1024;
const MAX_TOP_BOXES = 64;

/**
 * The bytes of an MP4 that a time range needs: its headers, its index, and the samples from the keyframe
 * before the range. Null where that can't be told (another container, fragments, an index that lies): the whole
 * file is needed then. Source: ISO/IEC 14496-12, boxes stts, stss, stsz, stsc, stco and co64.
 */
export async function mp4Extents(
  readAt: ReadAt,
  fileBytes: number,
  range: SecondsRange,
): Promise<readonly Extent[] | null> {
  const boxes = await topBoxes(readAt, fileBytes);
  const moov = boxes?.find(({ type }) => type === 'moov');
  const data = boxes?.filter(({ type }) => type === 'mdat') ?? [];
  if (!boxes || !moov || data.length === 0 || boxes.some(({ type }) => type === 'moof'))
    return null;
  if (moov.to - moov.from > MAX_INDEX_BYTES) return null;
  const index = await readAt(moov.from, moov.to - moov.from);
  const samples = samplesOf(index, range);
  if (!samples || samples.to > fileBytes) return null;
  const headers = boxes.map(({ type, from, to }) => ({
    from,
    to: type === 'mdat' ? from + 16 : to,
  }));
  return merged([...headers, samples].filter(({ from, to }) => to > from));
}

interface Box extends Extent {
  readonly type: string;
  /** Where its content starts. */
  readonly content: number;
}

async function topBoxes(readAt: ReadAt, fileBytes: number): Promise<Box[] | null> {
  const boxes: Box[] = [];
  for (let at = 0; at < fileBytes; ) {
    const box = boxAt(await readAt(at, 16), 0, fileBytes - at);
    if (!box || boxes.length >= MAX_TOP_BOXES) return null;
    boxes.push({ ...box, from: at, content: at + box.content, to: at + box.to });
    at += box.to;
  }
  return boxes;
}

/** @param end the box may not reach past it */
function boxAt(bytes: Buffer, at: number, end: number): Box | null {
  if (at + 8 > bytes.length) return null;
  const short = bytes.readUInt32BE(at);
  if (short === 1 && at + 16 > bytes.length) return null;
  const size = short === 0 ? end - at : short === 1 ? Number(bytes.readBigUInt64BE(at + 8)) : short;
  const header = short === 1 ? 16 : 8;
  const to = at + size;
  if (size < header || to > end) return null;
  return { type: bytes.toString('latin1', at + 4, at + 8), from: at, content: at + header, to };
}

/** Direct children of a box; cut short at the first that is damaged. */
function childrenOf(bytes: Buffer, { content, to }: Pick<Box, 'content' | 'to'>): Box[] {
  const children: Box[] = [];
  for (let at = content; at < to; ) {
    const box = boxAt(bytes, at, to);
    if (!box) break;
    children.push(box);
    at = box.to;
  }
  return children;
}

function find(bytes: Buffer, parent: Box, ...path: readonly string[]): Box | null {
  let box: Box | undefined = parent;
  for (const type of path) {
    box = box && childrenOf(bytes, box).find((child) => child.type === type);
  }
  return box ?? null;
}

function samplesOf(moovBytes: Buffer, range: SecondsRange): Extent | null {
  const moov = boxAt(moovBytes, 0, moovBytes.length);
  if (!moov) return null;
  const track = childrenOf(moovBytes, moov).find((trak) => {
    const handler = find(moovBytes, trak, 'mdia', 'hdlr');
    return (
      handler && moovBytes.toString('latin1', handler.content + 8, handler.content + 12) === 'vide'
    );
  });
  const header = track && find(moovBytes, track, 'mdia', 'mdhd');
  const table = track && find(moovBytes, track, 'mdia', 'minf', 'stbl');
  if (!header || !table) return null;
  try {
    return extentOf(tablesOf(moovBytes, header, table), range);
  } catch (error) {
    // A table that is shorter than it says.
    if (error instanceof RangeError) return null;
    throw error;
  }
}

type Tables = NonNullable<ReturnType<typeof tablesOf>>;

function tablesOf(bytes: Buffer, header: Box, table: Box) {
  const isLong = bytes.readUInt8(header.content) === 1;
  const ticksPerSecond = bytes.readUInt32BE(header.content + (isLong ? 20 : 12));
  const tables = new Map(childrenOf(bytes, table).map((box) => [box.type, box]));
  /** Entries of a table: `width` fields of 32 bits each. */
  const entries = (type: string, width: number): number[][] => {
    const box = tables.get(type);
    if (!box) throw new RangeError(`no ${type}`);
    const count = bytes.readUInt32BE(box.content + 4);
    const first = box.content + 8;
    if (first + count * width * 4 > box.to) throw new RangeError(`a short ${type}`);
    return Array.from({ length: count }, (_, entry) =>
      Array.from({ length: width }, (__, field) =>
        bytes.readUInt32BE(first + (entry * width + field) * 4),
      ),
    );
  };
  const sizes = tables.get('stsz');
  if (!sizes) throw new RangeError('no stsz');
  const sameSize = bytes.readUInt32BE(sizes.content + 4);
  const sampleCount = bytes.readUInt32BE(sizes.content + 8);
  const firstSize = sizes.content + 12;
  if (sameSize === 0 && firstSize + sampleCount * 4 > sizes.to)
    throw new RangeError('a short stsz');
  return {
    ticksPerSecond,
    sampleCount,
    durations: entries('stts', 2),
    keyframes: tables.has('stss') ? entries('stss', 1).map(([sample]) => sample! - 1) : null,
    sizeOf: (sample: number) => sameSize || bytes.readUInt32BE(firstSize + sample * 4),
    chunks: entries('stsc', 3),
    offsets: tables.has('co64')
      ? entries('co64', 2).map(([high, low]) => high! * 2 ** 32 + low!)
      : entries('stco', 1).map(([offset]) => offset!),
  };
}

/** One extent from the keyframe before the range to the last sample that it may show. */
function extentOf(tables: Tables, range: SecondsRange): Extent | null {
  const { ticksPerSecond, sampleCount, keyframes } = tables;
  if (ticksPerSecond === 0 || sampleCount === 0) return null;
  const fromTicks = (range.fromSeconds - MARGIN_SECONDS) * ticksPerSecond;
  const toTicks = (range.toSeconds + MARGIN_SECONDS) * ticksPerSecond;
  const wanted = sampleAt(tables, fromTicks);
  const first = keyframes ? (keyframes.findLast((sample) => sample <= wanted) ?? 0) : wanted;
  const last = Math.min(sampleAt(tables, toTicks), sampleCount - 1);
  let from = Number.POSITIVE_INFINITY;
  let to = 0;
  for (const { sample, offset } of placesOf(tables)) {
    if (sample < first) continue;
    if (sample > last) break;
    from = Math.min(from, offset);
    to = Math.max(to, offset + tables.sizeOf(sample));
  }
  return to > from ? { from, to } : null;
}

/** Number of the sample that is decoded at an instant; past the last one, their count. */
function sampleAt({ durations }: Tables, ticks: number): number {
  let sample = 0;
  let at = 0;
  for (const [count = 0, ticksEach = 0] of durations) {
    if (ticksEach > 0 && at + count * ticksEach > ticks) {
      return sample + Math.max(0, Math.floor((ticks - at) / ticksEach));
    }
    sample += count;
    at += count * ticksEach;
  }
  return sample;
}

function* placesOf({
  chunks,
  offsets,
  sampleCount,
  sizeOf,
}: Tables): Iterable<{ sample: number; offset: number }> {
  let sample = 0;
  let run = 0;
  for (const [chunk, start] of offsets.entries()) {
    while (run + 1 < chunks.length && chunks[run + 1]![0]! <= chunk + 1) run++;
    const perChunk = chunks[run]?.[1] ?? 0;
    let offset = start;
    for (let one = 0; one < perChunk && sample < sampleCount; one++) {
      yield { sample, offset };
      offset += sizeOf(sample);
      sample++;
    }
  }
}

function merged(extents: readonly Extent[]): Extent[] {
  const sorted = extents.toSorted((a, b) => a.from - b.from);
  const out: Extent[] = [];
  for (const extent of sorted) {
    const last = out.at(-1);
    if (last && extent.from <= last.to) {
      out[out.length - 1] = { from: last.from, to: Math.max(last.to, extent.to) };
    } else {
      out.push(extent);
    }
  }
  return out;
}
