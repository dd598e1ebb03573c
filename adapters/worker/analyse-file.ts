import { statSync } from 'node:fs';
import { analyseSegment } from '../../core/analyse-segment';
import type { Detector } from '../../core/ports';
import { presencesOf } from '../../core/presence';
import { type PickJob, pickPackets } from '../video/pick-packets';
import { openSegmentVideo } from '../video/segment-video';
import type { AnalysedFile, AnalysisJob, PickedFiles, ProbedFile, ProbeJob } from './job';
import { takeSnapshots } from './snapshot-pass';

/** Works one file, or one range of it, in this process. @throws the errors of adapters/video */
export async function analyseFile(
  job: AnalysisJob,
  detector: Detector & { readonly grade: string },
): Promise<AnalysedFile> {
  const cpuBefore = process.cpuUsage();
  const startedMs = performance.now();
  const options = {
    ...(job.range ? { range: job.range } : {}),
    ...(job.limits ? { limits: job.limits } : {}),
    ...(job.picked ? { picked: job.picked } : {}),
  };
  const video = openSegmentVideo(job.file, options);
  try {
    const { widthPx, heightPx, codec, durationSeconds } = video.facts;
    const range = {
      fromSeconds: job.range?.fromSeconds ?? 0,
      toSeconds: Math.min(job.range?.toSeconds ?? Number.POSITIVE_INFINITY, durationSeconds),
    };
    const { settings, floor } = job;
    const analysis = await analyseSegment({ settings, floor, range }, { video, detector });
    const presences = presencesOf({
      frames: analysis.frames,
      startedAt: job.startedAt,
      durationSeconds: range.toSeconds - range.fromSeconds,
      settings,
    });
    const snapshots = job.wantsSnapshots
      ? await takeSnapshots(job, { presences, frames: analysis.frames, range, options })
      : [];
    const { user, system } = process.cpuUsage(cpuBefore);
    return {
      model: detector.model,
      modelSha256: detector.modelSha256,
      modelGrade: detector.grade,
      analysis,
      presences,
      snapshots,
      video: { widthPx, heightPx, codec, durationSeconds: range.toSeconds - range.fromSeconds },
      cpuSeconds: (user + system) / 1e6,
      wallSeconds: (performance.now() - startedMs) / 1000,
      bytesRead: statSync(job.file).size,
      peakMemoryBytes: process.resourceUsage().maxRSS * 1024,
    };
  } finally {
    video.close();
  }
}

/** Remuxes what an endpoint needs of a file. @throws the errors of adapters/video */
export function pickFile(job: PickJob): PickedFiles {
  const cpuBefore = process.cpuUsage();
  const files = pickPackets(job);
  const { user, system } = process.cpuUsage(cpuBefore);
  return { files, cpuSeconds: (user + system) / 1e6 };
}

/** Demuxes a file for its length. @throws the errors of adapters/video */
export function probeFile({ file, limits }: ProbeJob): ProbedFile {
  const video = openSegmentVideo(file, limits ? { limits } : {});
  try {
    const { durationSeconds, widthPx, heightPx, codec } = video.facts;
    return { durationSeconds, widthPx, heightPx, codec };
  } finally {
    video.close();
  }
}
