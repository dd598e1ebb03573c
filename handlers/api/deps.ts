import type { CameraSettings } from '../../core/camera-settings';
import type { ChangePage } from '../../core/changes';
import type { DeadLetterEntry } from '../../core/dead-letter';
import type { PublishedCamera } from '../../core/fleet/change-tier';
import type { FleetText } from '../../core/fleet/read-text';
import type { ResolvedCamera } from '../../core/fleet/resolve';
import type { FootageAccess } from '../../core/footage-access';
import type {
  AnalyticsReader,
  Clock,
  DeletionLog,
  HealthStore,
  Quarantine,
  QueueCounts,
  SegmentStore,
  SnapshotStore,
} from '../../core/ports';
import type { EventItems } from '../../core/read-events';
import type { RecentItems } from '../../core/recent-events';
import type { SegmentItem } from '../../core/segment-result';
import type { SignInForm } from '../../core/sign-in-form';
import type { Upload } from '../../core/upload';
import type { UploadForm, UploadTerms } from '../../core/upload-form';

/** The sites that a request may see; null: nobody has signed in. */
export type AllowedSites = 'all' | readonly string[] | null;

/** Versions of what answers. */
export interface Versions {
  readonly tierwatch: string;
  readonly node: string;
  /** Of the store's schema. */
  readonly schema: string;
}

export interface ModelFacts {
  readonly name: string;
  readonly version: string;
  readonly grade: string;
  readonly sha256: string;
  /** What the processor that analyses takes; null: it times them at its start, or is another than the api's. */
  readonly variant: string | null;
  /** Where a variant was proven fastest: the first whose features a processor has holds. */
  readonly choice: readonly { readonly cpuFeatures: readonly string[]; readonly variant: string }[];
}

/** What a timeline shows of an item. */
export type TimelineItem = Pick<
  SegmentItem,
  'segmentKey' | 'objectKey' | 'startedAt' | 'endedAt' | 'status' | 'range'
>;

/** One stored file, read whole or in part. */
export interface StoredFile {
  readonly bytes: number;
  /** Changes when its bytes do. */
  readonly version: string;
  /** @param range first and last byte, both included */
  read(range: { readonly first: number; readonly last: number }): ReadableStream<Uint8Array>;
}

/** Footage by its key as stored. */
export interface FootageFiles {
  /** Null where there is no such footage. */
  open(objectKey: string): Promise<StoredFile | null>;
  /** The site that a key is of; null: none that can be told. */
  siteOf(objectKey: string): string | null;
}

/** What is still there of what landed, and what became of the rest. */
export interface FootageFate {
  /** Those of the keys that there is footage of. */
  present(objectKeys: readonly string[]): Promise<ReadonlySet<string>>;
  readonly deletions: Pick<DeletionLog, 'find'>;
  /** Days after it landed that footage goes by its age alone, whoever looks; null: never. */
  lifeDays(objectKey: string): number | null;
}

/** A piece of footage to cut out, of segments in the order of their start. */
export interface ClipRequest {
  readonly segments: readonly { readonly objectKey: string; readonly startedAt: string }[];
  readonly from: string;
  readonly to: string;
}

/** The queues that feed the functions: what waits, what failed five times, and putting it back. */
export interface QueueDesk {
  /** By function. */
  counts(): Promise<Readonly<Record<string, QueueCounts>>>;
  /** All there are, or a look at some: `counts` has how many there are. */
  deadLetters(): Promise<readonly DeadLetterEntry[]>;
  /** Puts those back. @returns how many */
  redrive?(ids: readonly string[]): Promise<number>;
  /** Puts back all of one function's queue, or of each, where they can't be chosen. @returns how many were waiting */
  redriveAll?(queue?: string): Promise<number>;
}

/** Videos that somebody tries. */
export interface UploadDesk {
  /** Stores it, checks that it is a video and begins its analysis. @throws what an upload is refused with */
  receive(upload: {
    readonly name: string;
    readonly bytes: number;
    readonly body: ReadableStream<Uint8Array>;
  }): Promise<Upload>;
  show(id: string): Promise<Upload | null>;
  video(id: string): Promise<{ readonly file: StoredFile; readonly type: string } | null>;
}

/** Signing in by a cookie, where there is a token. */
export interface SignIn {
  /** The cookie's value, or null for a wrong token. */
  open(token: string): string | null;
  /** How long a cookie holds, seconds. */
  readonly seconds: number;
}

/** What the api reads from; what it may change besides is optional, and so is what only one machine has. */
export interface ApiDeps {
  readonly store: Pick<SegmentStore, 'itemsOfCamera' | 'cameras'>;
  readonly analytics?: AnalyticsReader;
  readonly health: Pick<HealthStore, 'lastLandings' | 'latestHealthAlert'>;
  readonly quarantine: Pick<Quarantine, 'rejections'>;
  readonly queues: QueueDesk;
  /** `site/camera` of every camera that the fleet file names. */
  readonly fleetCameras: () => Promise<readonly string[]>;
  /** A camera's settings for segments that start at an instant, ISO. */
  readonly resolve: (camera: string, at: string) => Promise<ResolvedCamera>;
  /** Reads only what events are made of. @default store */
  readonly eventItems?: EventItems;
  readonly recentItems?: RecentItems;
  /** A camera's items that overlap a period, by start, without their frames. @default store */
  readonly timelineItems?: (
    camera: string,
    period: { readonly from: string; readonly to: string },
  ) => AsyncIterable<TimelineItem>;
  readonly changes?: (since: number) => Promise<ChangePage>;
  readonly snapshots?: Pick<SnapshotStore, 'get'>;
  readonly footage?: FootageFiles;
  /** @default all that landed counts as there */
  readonly footageFate?: FootageFate;
  /** Cuts a clip at keyframes into one MP4. */
  readonly cutClip?: (request: ClipRequest) => Promise<StoredFile>;
  /** A camera's settings at an instant, were it in each of the tiers there are. @default its own alone */
  readonly tierSettings?: (camera: string, at: string) => Promise<readonly CameraSettings[]>;
  /** The fleet file's texts. */
  readonly fleetTexts?: () => Promise<readonly FleetText[]>;
  /** Where the files are not at hand: what is published of a camera, and the environment that it is of. */
  readonly publishedFleet?: {
    readonly environment: string;
    camera(camera: string): Promise<PublishedCamera>;
  };
  readonly uploads?: UploadDesk;
  /** Lets a browser read one site's footage where it is not served here. */
  readonly footageAccess?: { open(site: string): Promise<FootageAccess> };
  /** Forms that put a file straight into the footage bucket. */
  readonly uploadForms?: { make(terms: UploadTerms): Promise<UploadForm> };
  readonly signIn?: SignIn;
  readonly signInForm?: SignInForm;
  readonly model: ModelFacts;
  readonly versions: Versions;
  /** Decides for each request; what it throws is answered as any error is. */
  readonly allowedSites: (request: Request) => AllowedSites | Promise<AllowedSites>;
  /** Whether the caller may change what the platform does, beside what it may see. */
  readonly isOperator: (request: Request) => boolean;
  readonly clock: Clock;
  /** Hears of every answer 5xx, with the id that the caller was given. */
  readonly onError: (error: unknown, requestId: string) => void;
}
