import type { Analysis } from '../../core/analyse-segment';
import type { AnalysisSettings } from '../../core/camera-settings';
import type { VideoLimits } from '../../core/limits';
import type { PacketFloor } from '../../core/ports';
import type { Presence } from '../../core/segment-result';
import type { ClipJob, CutClip } from '../video/cut-clip';

/** What a child process is asked: one file, or one time range of it. */
export interface AnalysisJob {
  readonly file: string;
  /** Folder of the model bundle. */
  readonly modelFolder: string;
  readonly settings: AnalysisSettings;
  readonly floor: PacketFloor | null;
  /** Seconds from the file's first frame; null: the whole file. */
  readonly range: { readonly fromSeconds: number; readonly toSeconds: number } | null;
  /** Instant of the range's start, ISO. */
  readonly startedAt: string;
  readonly wantsSnapshots: boolean;
  readonly limits?: VideoLimits;
}

export interface Snapshot {
  readonly className: string;
  readonly zone: string;
  readonly jpeg: Uint8Array;
}

/** What the child answers; shapes as in core, usage of this child alone. */
export interface AnalysedFile {
  readonly model: string;
  readonly modelSha256: string;
  readonly modelGrade: string;
  readonly analysis: Analysis;
  readonly presences: readonly Presence[];
  readonly snapshots: readonly Snapshot[];
  readonly video: {
    readonly widthPx: number;
    readonly heightPx: number;
    readonly codec: string;
    readonly durationSeconds: number;
  };
  readonly cpuSeconds: number;
  readonly wallSeconds: number;
  readonly bytesRead: number;
  readonly peakMemoryBytes: number;
}

/** Asks for a file's length alone: what a key of another layout does not say. */
export interface ProbeJob {
  readonly file: string;
  readonly limits?: VideoLimits;
}

export interface ProbedFile {
  readonly durationSeconds: number;
  readonly widthPx: number;
  readonly heightPx: number;
  readonly codec: 'h264' | 'hevc';
}

/** What a child works, one at a time. */
export type WorkerTask =
  | { readonly job: AnalysisJob }
  | { readonly probe: ProbeJob }
  | { readonly clip: ClipJob };
export type WorkerAnswer = AnalysedFile | ProbedFile | CutClip;
export type WorkerRequest = { readonly id: number; readonly task: WorkerTask };
export type WorkerReply =
  | { readonly id: number; readonly answer: WorkerAnswer }
  | { readonly id: number; readonly error: WireError };

export interface WireError {
  readonly name: string;
  readonly message: string;
  readonly code: string;
  readonly retryable: boolean;
}
