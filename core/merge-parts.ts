import type { EndpointAnswer } from './endpoint-contract';
import { presencesOf } from './presence';
import type { SampledFrame } from './segment-result';

type Part = Pick<EndpointAnswer, 'analysis' | 'presences' | 'snapshots' | 'video'>;

/**
 * One answer of several, each of the same video with other packets: a frame counts where it was inferred, and holds until
 * the next one. Without a motion gate that is what the whole would have given.
 */
export function mergeParts(
  parts: readonly Part[],
  given: {
    readonly startedAt: string;
    readonly settings: Parameters<typeof presencesOf>[0]['settings'];
  },
): Part {
  const [first] = parts as readonly [Part, ...Part[]];
  const sum = (name: 'framesDecoded' | 'framesInferred'): number =>
    parts.reduce((all, { analysis }) => all + analysis[name], 0);
  const frames = mergeFrames(parts.map(({ analysis }) => analysis.frames));
  const { durationSeconds } = first.video;
  const presences = presencesOf({ frames, durationSeconds, ...given });
  const snapshots = presences.flatMap(({ className, zone, bestAt, bestConfidence }) => {
    const isSame = (one: { readonly className: string; readonly zone: string }): boolean =>
      one.className === className && one.zone === zone;
    const source = parts.find((part) =>
      part.presences.some(
        (one) => isSame(one) && one.bestAt === bestAt && one.bestConfidence === bestConfidence,
      ),
    );
    return source?.snapshots.filter(isSame) ?? [];
  });
  return {
    analysis: {
      ...first.analysis,
      frames,
      framesDecoded: sum('framesDecoded'),
      framesInferred: sum('framesInferred'),
      partialReason:
        parts.map(({ analysis }) => analysis.partialReason).find((one) => one !== null) ?? null,
    },
    presences,
    snapshots,
    video: first.video,
  };
}

function mergeFrames(parts: readonly (readonly SampledFrame[])[]): SampledFrame[] {
  let held: SampledFrame['detections'] = [];
  return parts[0]!.map(({ atSeconds }, index) => {
    const inferred = parts.map((frames) => frames[index]!).find((one) => one.source === 'inferred');
    if (inferred) held = inferred.detections;
    const source = inferred ? 'inferred' : held.length > 0 ? 'carried' : 'gated';
    return { atSeconds, source, detections: [...held] };
  });
}
