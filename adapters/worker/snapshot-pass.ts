import type { Detection } from '../../core/detection';
import { planSamples, type SamplingRange } from '../../core/sampling-plan';
import type { Presence, SampledFrame } from '../../core/segment-result';
import { type OpenOptions, openSegmentVideo } from '../video/segment-video';
import type { AnalysisJob, Snapshot } from './job';
import { loadSharp } from './sharp';

const SNAPSHOT_WIDTH_PX = 960;
const COLOURS = ['#ffb000', '#4dd0e1', '#f06292', '#aed581', '#ba68c8', '#ff8a65'];

/**
 * Decodes the best frame of each presence once more and writes it as JPEG with its boxes, privacy
 * masks blacked out. A second pass costs a few keyframes where something happened, and nothing where not.
 */
export async function takeSnapshots(
  { file, settings, startedAt }: AnalysisJob,
  found: {
    readonly presences: readonly Presence[];
    readonly frames: readonly SampledFrame[];
    readonly range: SamplingRange;
    readonly options: OpenOptions;
  },
): Promise<Snapshot[]> {
  if (found.presences.length === 0) return [];
  const wanted = found.presences
    .map((presence) => ({ presence, offsetSeconds: offsetOf(presence.bestAt, startedAt) }))
    .sort((a, b) => a.offsetSeconds - b.offsetSeconds);
  const video = openSegmentVideo(file, found.options);
  try {
    const samples = planSamples(video.facts.packets, settings.sampleIntervalSeconds, found.range);
    const jpegs = new Map<string, Uint8Array>();
    const snapshots: Snapshot[] = [];
    for (const { presence, offsetSeconds } of wanted) {
      const index = nearestFrame(found.frames, offsetSeconds);
      const sample = samples[index];
      const frame = found.frames[index];
      if (!sample || !frame) continue;
      const { className, zone } = presence;
      const key = `${index}:${className}`;
      if (!jpegs.has(key)) {
        const picture = video.pictureAt(sample.packetIndex, 'full');
        if (picture === null) continue;
        const shown = frame.detections.filter((one) => one.className === className);
        jpegs.set(
          key,
          await drawJpeg(picture.rgb(SNAPSHOT_WIDTH_PX, settings.privacyMasks), shown),
        );
      }
      snapshots.push({ className, zone, jpeg: jpegs.get(key)! });
    }
    return snapshots;
  } finally {
    video.close();
  }
}

function offsetOf(at: string, startedAt: string): number {
  return (Date.parse(at) - Date.parse(startedAt)) / 1000;
}

function nearestFrame(frames: readonly SampledFrame[], offsetSeconds: number): number {
  let best = 0;
  for (const [index, { atSeconds }] of frames.entries()) {
    const isNearer =
      Math.abs(atSeconds - offsetSeconds) < Math.abs(frames[best]!.atSeconds - offsetSeconds);
    if (isNearer) best = index;
  }
  return best;
}

interface Pixels {
  readonly data: Uint8Array;
  readonly widthPx: number;
  readonly heightPx: number;
}

async function drawJpeg(
  { data, widthPx, heightPx }: Pixels,
  detections: readonly Detection[],
): Promise<Uint8Array> {
  const boxes = detections.map(({ box: [x1, y1, x2, y2], className, confidence }, index) => {
    const [left, top] = [x1 * widthPx, y1 * heightPx];
    const colour = COLOURS[index % COLOURS.length];
    const label = `${escapeXml(className)} ${Math.round(confidence * 100)} %`;
    const at = Math.max(16, top);
    return `<rect x="${left}" y="${top}" width="${(x2 - x1) * widthPx}" height="${(y2 - y1) * heightPx}" fill="none" stroke="${colour}" stroke-width="2"/>
<rect x="${left - 1}" y="${at - 16}" width="${label.length * 7 + 6}" height="16" fill="${colour}"/>
<text x="${left + 3}" y="${at - 4}" font-family="sans-serif" font-size="12" fill="#111">${label}</text>`;
  });
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${widthPx}" height="${heightPx}">${boxes.join('')}</svg>`;
  const sharp = await loadSharp();
  return sharp(data, { raw: { width: widthPx, height: heightPx, channels: 3 } })
    .composite([{ input: Buffer.from(svg), top: 0, left: 0 }])
    .jpeg({ quality: 80 })
    .toBuffer();
}

function escapeXml(text: string): string {
  return text.replace(/[<>&"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
