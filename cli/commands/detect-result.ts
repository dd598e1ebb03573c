import { basename } from 'node:path';
import type { AnalysedFile } from '../../adapters/worker/job';
import type { FileRange } from '../../core/analysis-ranges';
import { type EventItem, type EventSettings, stitchEvents } from '../../core/events';
import type { SampledFrame, SegmentResult } from '../../core/segment-result';
import { counted } from '../table';

/** Times of a file that tells none count from here. */
export const EPOCH = '1970-01-01T00:00:00.000Z';

/** A file's ranges and what was found in each. */
export interface AnalysedParts {
  readonly ranges: readonly FileRange[];
  readonly parts: readonly AnalysedFile[];
  readonly tier: string;
  readonly analysisId: string;
}

/** The ranges of a file as one result, its frames from the file's start. */
export function resultOf(
  file: string,
  { ranges, parts, tier, analysisId }: AnalysedParts,
): SegmentResult {
  const sum = (of: (part: AnalysedFile) => number): number =>
    parts.reduce((total, part) => total + of(part), 0);
  const frames = parts.flatMap(({ analysis }, index) =>
    analysis.frames.map(
      (frame): SampledFrame => ({
        ...frame,
        atSeconds: Math.round((frame.atSeconds + ranges[index]!.fromSeconds) * 1000) / 1000,
      }),
    ),
  );
  const partialReason = parts.map(({ analysis }) => analysis.partialReason).find(Boolean);
  return {
    file,
    startedAt: null,
    tier,
    lane: 'cpu',
    model: parts[0]!.model,
    analysisId,
    status: partialReason ? 'partial' : 'done',
    ...(partialReason ? { partialReason } : {}),
    framesSampled: frames.length,
    framesDecoded: sum(({ analysis }) => analysis.framesDecoded),
    framesInferred: sum(({ analysis }) => analysis.framesInferred),
    packetGate: parts[0]!.analysis.packetGate,
    frames,
    usage: {
      cpuSeconds: sum((part) => part.cpuSeconds),
      wallSeconds: sum((part) => part.wallSeconds),
      footageSeconds: sum((part) => part.video.durationSeconds),
      bytesRead: parts[0]!.bytesRead,
      rowsWritten: 0,
      snapshotsWritten: 0,
      snapshotBytes: 0,
      gpuMs: 0,
    },
  };
}

/** One line an event, and the work it took. */
export function describeResult(
  file: string,
  {
    result,
    parts,
    ranges,
    settings,
  }: Pick<AnalysedParts, 'parts' | 'ranges'> & {
    readonly result: SegmentResult;
    readonly settings: EventSettings;
  },
): string[] {
  const items = parts.map((part, index) => itemOf(file, part, ranges[index]!));
  const events = stitchEvents(items, settings);
  const { usage } = result;
  const perHour = (usage.cpuSeconds / usage.footageSeconds) * 3600;
  return [
    `${basename(file)}: ${counted(events.length, 'event')} in ${clock(usage.footageSeconds)}`,
    ...events.map((event) => {
      const [from, to] = [event.startedAt, event.endedAt].map((at) => clock(Date.parse(at) / 1000));
      const kind = event.isStationary ? ' stationary' : '';
      return `  ${event.className.padEnd(10)} ${from} to ${to}  peak ${event.peakCount}  best confidence ${event.bestConfidence.toFixed(2)}${kind}`;
    }),
    `  sampled ${result.framesSampled}, decoded ${result.framesDecoded}, inferred ${result.framesInferred} frames; ${usage.cpuSeconds.toFixed(2)} CPU s, ${perHour.toFixed(0)} CPU s an hour of footage${result.partialReason ? `; partial: ${result.partialReason}` : ''}`,
  ];
}

/** A range as the item it would be, so that `detect` and `start` stitch by the same rule. */
function itemOf(
  file: string,
  part: AnalysedFile,
  { fromSeconds, toSeconds }: FileRange,
): EventItem {
  const at = (seconds: number): string =>
    new Date(Date.parse(EPOCH) + Math.round(seconds * 1000)).toISOString();
  return {
    segmentKey: file,
    objectVersion: '',
    range: `${fromSeconds}-${toSeconds}`,
    camera: 'detect/file',
    startedAt: at(fromSeconds),
    endedAt: at(toSeconds),
    presences: part.presences,
  };
}

/** Seconds as h:mm:ss. */
export function clock(seconds: number): string {
  const whole = Math.round(seconds);
  const pad = (value: number): string => String(value).padStart(2, '0');
  return `${Math.floor(whole / 3600)}:${pad(Math.floor(whole / 60) % 60)}:${pad(whole % 60)}`;
}
