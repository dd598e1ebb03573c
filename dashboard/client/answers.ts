import type { CameraSettings } from '../../core/camera-settings';
import type { CostLine } from '../../core/price-book';
import type { DetectionEvent, SampledFrame, SegmentItem } from '../../core/segment-result';
import type { TimelineSegment } from '../logic/day-of-footage';

/** What the api answers: docs/openapi.json in types. */
export interface Camera {
  readonly camera: string;
  readonly isKnown: boolean;
  readonly tier: string;
  readonly lane: 'cpu' | 'gpu';
  readonly lastLandedAt: string | null;
  readonly silentSince: string | null;
}

export interface CameraPage {
  readonly cameras: readonly Camera[];
  readonly nextCursor: string | null;
}

export interface ResolvedCamera extends Camera {
  readonly at: string;
  readonly settings: CameraSettings;
  readonly origins: Readonly<Record<string, string>>;
}

export interface EventPage {
  readonly events: readonly DetectionEvent[];
  readonly nextCursor: string | null;
}

export type SegmentSummary = Omit<SegmentItem, 'frames' | 'packetSummary'>;
export interface SegmentPage {
  readonly segments: readonly SegmentSummary[];
  readonly nextCursor: string | null;
}

export interface SegmentFrames {
  readonly segmentKey: string;
  readonly startedAt: string;
  readonly model: string;
  readonly tier: string;
  readonly frames: readonly SampledFrame[];
}

export interface Timeline {
  readonly segments: readonly TimelineSegment[];
  readonly events: readonly DetectionEvent[];
}

export interface CameraCost {
  readonly camera: string;
  readonly segments: number;
  readonly footageSeconds: number;
  readonly totalUsdPerMonth: number | null;
  readonly lines: readonly CostLine[];
  readonly assumptions: string;
}

export interface CameraTiers {
  readonly camera: string;
  readonly tier: string;
  readonly lane: 'cpu' | 'gpu';
  readonly activity: {
    readonly segments: number;
    readonly footageSeconds: number;
    readonly movingSeconds: number;
    readonly movingRatio: number | null;
  };
  readonly tiers: readonly {
    readonly tier: string;
    readonly lane: 'cpu' | 'gpu';
    readonly sampleIntervalSeconds: number;
    readonly usdPerMonth: number | null;
    readonly isMeasured: boolean;
  }[];
  readonly suggestion: { readonly tier: string; readonly why: string };
}

export interface TiersPage {
  readonly since: string;
  readonly until: string;
  readonly cameras: readonly CameraTiers[];
  readonly assumptions: string;
  readonly nextCursor: string | null;
}

export interface TierChange {
  readonly file: string;
  readonly diff: string;
  /** Makes the change in the repository; null: the diff is of the file itself. */
  readonly command: string | null;
  readonly changes: readonly {
    readonly cameras: readonly string[];
    readonly what: readonly string[];
    readonly usdPerMonth: number | null;
  }[];
  readonly basis: string;
}

export interface QueueCounts {
  readonly waiting: number;
  readonly inFlight: number;
  readonly dead: number;
}

export interface TimedQueueCounts extends QueueCounts {
  /** How long the oldest message has waited (s). */
  readonly oldestSeconds: number | null;
}

export interface HealthCounts {
  readonly queues: Readonly<Record<string, QueueCounts>> | null;
  readonly deadLetters: number;
  readonly quarantined: number;
  readonly silentCameras: number;
}

export interface Rejection {
  readonly key: string;
  readonly code: string;
  readonly reason: string;
  readonly at: string;
}

export interface Health {
  readonly queues: Readonly<Record<string, TimedQueueCounts>> | null;
  readonly deadLetters: { readonly count: number };
  readonly quarantined: { readonly count: number; readonly latest: readonly Rejection[] };
  readonly silentCameras: readonly { readonly camera: string; readonly since: string }[];
  readonly model: {
    readonly name: string;
    readonly version: string;
    readonly grade: string;
    readonly sha256: string;
    readonly variant: string | null;
    readonly choice: readonly {
      readonly cpuFeatures: readonly string[];
      readonly variant: string;
    }[];
  };
  readonly versions: { readonly tierwatch: string; readonly node: string; readonly schema: string };
}

export interface DeadLetters {
  readonly count: number;
  readonly deadLetters: readonly {
    readonly queue: string;
    readonly id: string;
    readonly camera: string | null;
    readonly segmentKey: string | null;
    readonly cause: string;
    readonly deadAt: string;
  }[];
  readonly redriveBy: 'letter' | 'queue' | null;
}

export interface Rejections {
  readonly count: number;
  readonly rejections: readonly Rejection[];
}

export type Offer =
  | 'stream'
  | 'snapshots'
  | 'footage'
  | 'clips'
  | 'tier-change'
  | 'redrive'
  | 'uploads'
  /** Files go straight into the footage bucket, by a form. */
  | 'upload-forms'
  | 'sign-out'
  | 'sign-in-form';
export interface Session {
  readonly sites: readonly string[] | null;
  readonly offers: readonly Offer[];
  /** Number of the last change; null: no stream tells of changes. */
  readonly lastChange: number | null;
}

export interface AnalyticsRows<Row> {
  readonly query: string;
  readonly since: string;
  readonly until: string;
  readonly rows: readonly Row[];
}

export interface UploadForm {
  readonly url: string;
  /** Before the file. */
  readonly fields: Readonly<Record<string, string>>;
  /** `site/camera` that its events will have. */
  readonly camera: string;
  readonly objectKey: string;
  readonly expiresAt: string;
}
