import type { ResolvedCamera } from '../../core/fleet/resolve';
import type {
  AnalyticsReader,
  Clock,
  HealthStore,
  Quarantine,
  Queue,
  SegmentMessage,
  SegmentStore,
} from '../../core/ports';

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
}

/** What the api reads from; it writes nothing. */
export interface ApiDeps {
  readonly store: Pick<SegmentStore, 'itemsOfCamera' | 'cameras'>;
  readonly analytics: AnalyticsReader;
  readonly health: Pick<HealthStore, 'lastLandings' | 'latestHealthAlert'>;
  readonly quarantine: Pick<Quarantine, 'rejections'>;
  /** By name. */
  readonly queues: Readonly<Record<string, Pick<Queue<SegmentMessage>, 'counts' | 'deadLetters'>>>;
  /** `site/camera` of every camera that the fleet file names. */
  readonly fleetCameras: () => Promise<readonly string[]>;
  /** A camera's settings for segments that start at an instant, ISO. */
  readonly resolve: (camera: string, at: string) => Promise<ResolvedCamera>;
  readonly model: ModelFacts;
  readonly versions: Versions;
  /** Decides for each request; what it throws is answered as any error is. */
  readonly allowedSites: (request: Request) => AllowedSites | Promise<AllowedSites>;
  readonly clock: Clock;
  /** Hears of every answer 5xx, with the id that the caller was given. */
  readonly onError: (error: unknown, requestId: string) => void;
}
