import type { HealthAlert } from '../../core/health';
import type { Clock, HealthStore, Quarantine, Rejection } from '../../core/ports';
import { Lately } from './lately';

/** Silence is told in minutes: every page that is open asks every few seconds, the table this often at most (ms). */
const ASKED_FOR_MS = 30_000;

type Asked = Pick<HealthStore, 'lastLandings' | 'latestHealthAlert'> &
  Pick<Quarantine, 'rejections'>;

/** Landings, silences and rejections for the api: a query a camera is not paid for with each look at a page. */
export class HealthLately implements Asked {
  private readonly landings: Lately<ReadonlyMap<string, string>>;
  private readonly rejected: Lately<readonly Rejection[]>;
  private readonly alerts = new Map<string, Lately<HealthAlert | null>>();

  constructor(
    private readonly asked: Asked,
    private readonly clock: Clock,
  ) {
    this.landings = new Lately(ASKED_FOR_MS, clock, () => asked.lastLandings());
    this.rejected = new Lately(ASKED_FOR_MS, clock, () => asked.rejections());
  }

  lastLandings(): Promise<ReadonlyMap<string, string>> {
    return this.landings.ask();
  }

  rejections(): Promise<readonly Rejection[]> {
    return this.rejected.ask();
  }

  latestHealthAlert(camera: string): Promise<HealthAlert | null> {
    const known = this.alerts.get(camera);
    if (known) return known.ask();
    const alert = new Lately(ASKED_FOR_MS, this.clock, () => this.asked.latestHealthAlert(camera));
    this.alerts.set(camera, alert);
    return alert.ask();
  }
}
