import type { Analysis } from './analyse-segment';
import type { AnalyticsAnswer, AnalyticsQueryName, AnalyticsScope } from './analytics-queries';
import type { AnalyticsRow } from './analytics-row-schema';
import type { AnalysisSettings } from './camera-settings';
import type { EndpointAnswer, EndpointSettings, PicturesAnswer } from './endpoint-contract';
import type { FleetIndex } from './fleet/compile';
import type { ResolvedCamera } from './fleet/resolve';
import type { Polygon } from './geometry';
import type { HealthAlert } from './health';
import type { SegmentMessage } from './segment-message';
import type { Alert, ItemId, Presence, SegmentItem } from './segment-result';

export type { AnalyticsRow, SegmentMessage };

/** How a picture is scaled into a model's input: fitted, top left, the rest filled. */
export interface ModelInput {
  readonly heightPx: number;
  readonly widthPx: number;
  readonly fill: number;
}

/** One coded packet of the video stream, in decoding order. */
export interface PacketFact {
  readonly atSeconds: number;
  /** Coded bytes without filler. */
  readonly bytes: number;
  readonly isKeyframe: boolean;
}

export interface VideoFacts {
  /** Size in pixels as shown: rotation applied. */
  readonly widthPx: number;
  readonly heightPx: number;
  readonly codec: 'h264' | 'hevc';
  /** From the first to past the last frame, seconds. */
  readonly durationSeconds: number;
  /** 16×16 blocks a picture. */
  readonly macroblocks: number;
  readonly packets: readonly PacketFact[];
  readonly partialReason: string | null;
}

/** One decoded picture; valid until the next `pictureAt`. */
export interface Picture {
  readonly atSeconds: number;
  /** Luma scaled to `widthPx`×`heightPx`, one byte a pixel, full range. */
  luma(widthPx: number, heightPx: number): Uint8Array;
  /** RGB [height, width, 3] in the model's layout, privacy masks blacked out, written to `into`. */
  fitRgb(input: ModelInput, into: Uint8Array, privacyMasks: readonly Polygon[]): void;
  /** RGB [height, width, 3] at the picture's own size, or smaller to fit `maxWidthPx`. */
  rgb(
    maxWidthPx: number,
    privacyMasks: readonly Polygon[],
  ): {
    readonly data: Uint8Array;
    readonly widthPx: number;
    readonly heightPx: number;
  };
}

/** One opened segment. Samples are asked for in rising order. */
export interface SegmentVideo {
  readonly facts: VideoFacts;
  readonly framesDecoded: number;
  /**
   * The picture of `packets[packetIndex]`; `quality: 'gate'` may skip the loop filter.
   * Null where it can't be decoded (`facts.partialReason` is then set by `damage`).
   */
  pictureAt(packetIndex: number, quality: 'gate' | 'full'): Picture | null;
  readonly damage: string | null;
  close(): void;
}

/** Raw boxes of one picture: xyxy in input px, best first. */
export interface RawDetections {
  readonly boxes: Float32Array;
  readonly confidences: Float32Array;
  readonly classIndexes: Int32Array;
}

export interface Detector {
  /** Name and sha256 prefix: names the model in results. */
  readonly model: string;
  /** sha256 of the bundle: part of the analysisId. */
  readonly modelSha256: string;
  readonly classes: readonly string[];
  readonly nms: { readonly iouThreshold: number } | null;
  readonly maxBatch: number;
  /** Input for a picture of this size; `inputSize` as in AnalysisSettings. */
  inputFor(widthPx: number, heightPx: number, inputSize: AnalysisSettings['inputSize']): ModelInput;
  /** `pixels`: uint8 RGB [count, heightPx, widthPx, 3]. */
  infer(pixels: Uint8Array, count: number, input: ModelInput): Promise<readonly RawDetections[]>;
}

/** A message as a queue delivers it. */
export interface Delivery<Body> {
  readonly id: string;
  readonly receiptHandle: string;
  readonly receiveCount: number;
  readonly body: Body;
}

export interface DeadLetter<Body> {
  readonly id: string;
  readonly body: Body;
  readonly cause: string;
  readonly deadAt: string;
}

/** What a queue holds. */
export interface QueueCounts {
  readonly waiting: number;
  readonly inFlight: number;
  readonly dead: number;
  /** How long its oldest message has waited; null: none waits, or it is not known. */
  readonly oldestSeconds: number | null;
}

/** SQS's semantics: at least once, visibility timeout, dead letter after five deliveries. */
export interface Queue<Body> {
  /** Enqueues; a message whose `deduplicationKey` was enqueued before is ignored. */
  send(
    messages: readonly {
      readonly body: Body;
      readonly deduplicationKey?: string;
      readonly delaySeconds?: number;
    }[],
  ): Promise<number>;
  receive(options: {
    readonly max: number;
    readonly visibilitySeconds: number;
  }): Promise<readonly Delivery<Body>[]>;
  acknowledge(receiptHandles: readonly string[]): Promise<void>;
  /** Puts a delivery back, visible again after `afterSeconds`; `cause` is kept for the dead letter. */
  release(
    receiptHandle: string,
    options: { readonly afterSeconds: number; readonly cause: string },
  ): Promise<void>;
  counts(): Promise<{ readonly waiting: number; readonly inFlight: number; readonly dead: number }>;
  deadLetters(): Promise<readonly DeadLetter<Body>[]>;
  /** Moves dead letters back; all of them, or those named. @returns how many. */
  redrive(ids?: readonly string[]): Promise<number>;
}

/** Why a message became a dead letter, by the id that its queue gave it: SQS keeps no causes. */
export interface FailureNotes {
  note(failure: {
    readonly messageId: string;
    readonly cause: string;
    readonly at: string;
  }): Promise<void>;
  /** @returns null where the last delivery ended without a word, such as a function that ran out of time */
  find(messageId: string): Promise<{ readonly cause: string; readonly at: string } | null>;
}

/** The truth: items, written once; the pointer says which analysis is current. */
export interface SegmentStore {
  /** @returns false where the item exists: nothing is overwritten. */
  putItem(item: SegmentItem): Promise<boolean>;
  getItem(id: ItemId): Promise<SegmentItem | null>;
  /** The current analysis of a range, or null. */
  currentItem(id: Omit<ItemId, 'analysisId'>): Promise<SegmentItem | null>;
  /** The current items of the same range of other versions of its object. */
  otherVersions(id: Omit<ItemId, 'analysisId'>): Promise<readonly SegmentItem[]>;
  /** Points at an item; `onlyIfAbsent` keeps an existing pointer. @returns whether it points there now. */
  setCurrent(id: ItemId, options: { readonly onlyIfAbsent: boolean }): Promise<boolean>;
  /** Current items that overlap [from, to), by start. */
  itemsOfCamera(
    camera: string,
    options: { readonly from?: string; readonly to?: string },
  ): AsyncIterable<SegmentItem>;
  cameras(): Promise<readonly string[]>;
}

/** Alerts, created by condition. */
export interface AlertStore {
  /** Creates it unless its id exists. @returns the stored alert and whether this call created it. */
  createAlert(alert: Alert): Promise<{ readonly alert: Alert; readonly isNew: boolean }>;
  getAlert(id: string): Promise<Alert | null>;
  markAlert(id: string, status: 'sent' | 'stale' | 'suppressed'): Promise<void>;
  /** Pending alerts of one segment, or all that were created before an instant. */
  pendingAlerts(options: {
    readonly segmentKey?: string;
    readonly createdBefore?: string;
  }): Promise<readonly Alert[]>;
  alertsOfCamera(camera: string): Promise<readonly Alert[]>;
}

/** A frozen packet floor of one camera for one hour (contracts 3). */
export interface PacketFloor {
  readonly floorId: string;
  readonly phases: readonly {
    readonly phaseSeconds: number;
    readonly median: number;
    readonly mad: number;
    readonly samples: number;
  }[];
  readonly all: { readonly median: number; readonly mad: number; readonly samples: number };
}

export interface FloorStore {
  getFloor(floorId: string): Promise<PacketFloor | null>;
  floorOfHour(camera: string, hour: string): Promise<PacketFloor | null>;
  /** Freezes by condition. @returns the floor that stands. */
  freezeFloor(camera: string, hour: string, floor: PacketFloor): Promise<PacketFloor>;
  /** Window summaries of current items that started before the hour, newest first, at most `maxSegments`. */
  summariesBefore(
    camera: string,
    hour: string,
    maxSegments: number,
  ): Promise<readonly SegmentItem['packetSummary'][]>;
}

/** Every detection, kept apart for later analysis; at least once, a segment without any writes nothing. */
export interface DetectionArchive {
  /** @throws {TierwatchError} retryable, where it was not taken whole */
  write(item: SegmentItem): Promise<void>;
}

/** What could not be worked and why; the file stays where it can be looked at. */
export interface Rejection {
  readonly key: string;
  readonly code: string;
  readonly reason: string;
  readonly at: string;
  readonly objectVersion: string;
}

export interface Quarantine {
  reject(rejection: Rejection): Promise<void>;
  isRejected(key: string, objectVersion: string): Promise<boolean>;
  rejections(): Promise<readonly Rejection[]>;
}

/** One object as it lies in the footage bucket. */
export interface ShelvedObject {
  readonly objectKey: string;
  readonly objectVersion: string;
  readonly bytes: number;
}

/** The footage bucket, for who may delete from it. */
export interface FootageShelf {
  /** Everything whose key begins so, by key. */
  list(prefix: string): AsyncIterable<ShelvedObject>;
  /** Deletes these very versions. */
  delete(objects: readonly ShelvedObject[]): Promise<void>;
}

/** A recording of a camera: its file, and its span by its key (ISO). */
export interface Recording {
  readonly objectKey: string;
  readonly startedAt: string;
  readonly endedAt: string;
}
export type DeletedRecording = Recording & { readonly reason: string };

/** Since when and why a recording is gone. */
export interface Deletion {
  readonly at: string;
  readonly reason: string;
}

/** What retention has deleted. It is noted before it goes, so a note alone does not say that it is gone. */
export interface DeletionLog {
  /** The same again, after a crash before anything went, only moves `at`. */
  note(camera: string, gone: readonly DeletedRecording[], at: string): Promise<void>;
  /** The latest note of each of these recordings of one camera, by object key. */
  find(camera: string, asked: readonly Recording[]): Promise<ReadonlyMap<string, Deletion>>;
}

export interface SnapshotStore {
  put(key: string, jpeg: Uint8Array): Promise<void>;
  get(key: string): Promise<Uint8Array | null>;
}

export interface Notifier {
  /** @throws {TierwatchError} retryable, where it could not be handed over */
  send(alert: Alert | HealthAlert): Promise<void>;
}

/** When footage of each camera landed, and what was said about its silence. */
export interface HealthStore {
  /** Footage has landed; an earlier instant than the known one changes nothing. */
  noteLanded(camera: string, at: string): Promise<void>;
  /** A camera is watched from now on, unless it is already. */
  watchCamera(camera: string, at: string): Promise<void>;
  /** Last landing by camera, or when it was first watched. */
  lastLandings(): Promise<ReadonlyMap<string, string>>;
  /** @returns false where its id exists */
  createHealthAlert(alert: HealthAlert): Promise<boolean>;
  latestHealthAlert(camera: string): Promise<HealthAlert | null>;
  pendingHealthAlerts(): Promise<readonly HealthAlert[]>;
  markHealthAlertSent(id: string): Promise<void>;
}

export interface Clock {
  now(): Date;
}

/** The fleet file in force, wherever it is read from. */
export interface FleetSource {
  /** Everything but the cameras. */
  index(): Promise<FleetIndex>;
  /** A camera's settings for segments that start at an instant, ISO. */
  resolve(camera: string, at: string): Promise<ResolvedCamera>;
}

/** Numbers of operations, by name; dimensions are few on purpose (contracts 19). */
export type MetricName =
  | 'segments'
  | 'framesSampled'
  | 'framesDecoded'
  | 'framesInferred'
  | 'analysisSeconds'
  | 'lagSeconds'
  | 'quarantined'
  | 'retried'
  | 'sentAgain'
  | 'refusedMessages'
  | 'unknownCameras'
  | 'staleFleetConfig'
  | 'coldStarts'
  | 'alertsPending'
  | 'silentCameras'
  | 'expiredObjects'
  | 'expiredBytes'
  | 'oldestUnanalysedHours'
  | 'cappedLooks'
  | 'spilled'
  | 'gpuMs'
  | 'framesMeantForGpu'
  | 'gatedFramesPerSecond'
  | 'breakEvenFramesPerSecond'
  | 'gpuLaneOn'
  | 'staleLaneSwitch';

/** What operations sees of a handler: metrics and structured log lines. */
export interface Telemetry {
  count(
    metric: MetricName,
    value: number,
    dimensions?: { readonly tier: string; readonly lane: 'cpu' | 'gpu' },
  ): void;
  log(
    level: 'info' | 'warn' | 'error',
    message: string,
    fields: Readonly<Record<string, unknown>>,
  ): void;
}

/** What the analyser found in one message's footage. */
export interface AnalysedSegment {
  readonly model: string;
  readonly analysis: Analysis;
  readonly presences: readonly Presence[];
  readonly snapshots: readonly {
    readonly className: string;
    readonly zone: string;
    readonly jpeg: Uint8Array;
  }[];
  readonly durationSeconds: number;
  readonly cpuSeconds: number;
  readonly wallSeconds: number;
  readonly bytesRead: number;
  /** This segment's share of the endpoint's batches (ms). @default 0: the cpu lane */
  readonly gpuMs?: number;
  /** This segment's share of the time that its function waited for the endpoint (s). @default 0: the cpu lane */
  readonly waitSeconds?: number;
}

/** The model server of the gpu lane, wherever it runs. */
export interface InferenceEndpoint {
  /**
   * @param file with the media
   * @throws {EndpointUnavailableError} {@link EndpointRefusedError}
   */
  analyse(file: string, settings: EndpointSettings): Promise<EndpointAnswer>;
  /**
   * Detections of each picture, in their order.
   * @throws {EndpointUnavailableError} {@link EndpointRefusedError}
   */
  detect(jpegs: readonly Uint8Array[], settings: EndpointSettings): Promise<PicturesAnswer>;
}

/** Decodes and infers one message's footage, wherever that happens. */
export interface Analyser {
  analyse(message: SegmentMessage, floor: PacketFloor | null): Promise<AnalysedSegment>;
}

export interface AnalyticsStore {
  /**
   * Idempotent: a row written again takes the place of the first. Where both say `currentAt`, and the later one
   * `hasEarlier`, that of the earlier analysis changes nothing, whenever it comes (docs/decisions/late-rows.md).
   */
  write(rows: readonly AnalyticsRow[]): Promise<void>;
  /** Rows with from <= at < to, by time, without what orders their writes: `currentAt` and `hasEarlier`. */
  rows(options: {
    readonly camera?: string;
    readonly from?: string;
    readonly to?: string;
  }): AsyncIterable<AnalyticsRow>;
}

/**
 * The named queries over those rows. A late row counts like any other; a row that was written again counts
 * once, as it was written last.
 */
export interface AnalyticsReader {
  ask<Name extends AnalyticsQueryName>(
    query: Name,
    scope: AnalyticsScope,
  ): Promise<readonly AnalyticsAnswer<Name>[]>;
}
