import type { Analysis } from '../../core/analyse-segment';
import type { AnalysisSettings } from '../../core/camera-settings';
import type { Detection } from '../../core/detection';
import type { VideoLimits } from '../../core/limits';
import type { PickedPackets } from '../../core/picked-packets';
import type { ModelInput, PacketFloor, RawDetections } from '../../core/ports';
import type { Presence } from '../../core/segment-result';
import type { ClipJob, CutClip } from '../video/cut-clip';
import type { PickedFile, PickJob } from '../video/pick-packets';

/** A model that the parent runs: the children only decode. */
export interface RemoteModel {
  readonly model: string;
  readonly modelSha256: string;
  readonly grade: string;
  readonly classes: readonly string[];
  readonly nms: { readonly iouThreshold: number } | null;
  readonly maxBatch: number;
  /** Its input shapes. */
  readonly inputs: readonly ModelInput[];
}

/** What a child process is asked: one file, or one time range of it. */
export interface AnalysisJob {
  readonly file: string;
  /** Folder of the model bundle. */
  readonly modelFolder: string;
  /** What the parent infers with for its children, instead of a bundle of theirs. */
  readonly remote?: RemoteModel;
  readonly settings: AnalysisSettings;
  readonly floor: PacketFloor | null;
  /** Seconds from the file's first frame; null: the whole file. */
  readonly range: { readonly fromSeconds: number; readonly toSeconds: number } | null;
  /** Instant of the range's start, ISO. */
  readonly startedAt: string;
  readonly wantsSnapshots: boolean;
  readonly limits?: VideoLimits;
  /** The file holds only these packets of the video. */
  readonly picked?: PickedPackets;
}

/** The packets that an endpoint needs, in files; null: the whole file is to be sent. */
export interface PickedFiles {
  readonly files: readonly PickedFile[] | null;
  readonly cpuSeconds: number;
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

/** Encoded pictures, each inferred. */
export interface PicturesJob {
  readonly files: readonly string[];
  readonly modelFolder: string;
  readonly remote?: RemoteModel;
  readonly settings: AnalysisSettings;
  readonly limits?: VideoLimits;
}

export interface AnalysedPictures {
  readonly pictures: readonly { readonly detections: readonly Detection[] }[];
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

/** Loads a model before the first segment is there. */
export interface WarmJob {
  readonly modelFolder: string;
}

export interface WarmAnswer {
  readonly model: string;
}

/** What a child works, one at a time. */
export type WorkerTask =
  | { readonly job: AnalysisJob }
  | { readonly probe: ProbeJob }
  | { readonly pictures: PicturesJob }
  | { readonly pick: PickJob }
  | { readonly clip: ClipJob }
  | { readonly warm: WarmJob };
export type WorkerAnswer =
  | AnalysedFile
  | AnalysedPictures
  | PickedFiles
  | ProbedFile
  | CutClip
  | WarmAnswer;
export type WorkerRequest =
  | { readonly id: number; readonly task: WorkerTask }
  | { readonly inferred: number; readonly detections: readonly RawDetections[] }
  | { readonly inferred: number; readonly error: WireError };
export type WorkerReply =
  /** The first word of a child. */
  | { readonly isUp: true }
  | { readonly id: number; readonly answer: WorkerAnswer }
  | { readonly id: number; readonly error: WireError }
  | { readonly id: number; readonly infer: InferRequest };

/**
 * A child asks its parent to infer some pictures: uint8 RGB [count, heightPx, widthPx, 3]. They lie in a file in
 * memory that both have open: through the channel they would be copied four times.
 */
export interface InferRequest {
  /** Named in the answer. */
  readonly number: number;
  readonly file: string;
  /** Where in the file they begin (bytes). */
  readonly position: number;
  readonly count: number;
  readonly input: ModelInput;
}

export interface WireError {
  readonly name: string;
  readonly message: string;
  readonly code: string;
  readonly retryable: boolean;
}
