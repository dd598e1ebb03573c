import type { HealthAlert } from '../../core/health';
import type { HealthStore } from '../../core/ports';

/** Landings and silences in memory. */
export class MemoryHealth implements HealthStore {
  private readonly landings = new Map<string, string>();
  private readonly alerts = new Map<string, HealthAlert>();

  async noteLanded(camera: string, at: string): Promise<void> {
    const known = this.landings.get(camera);
    if (known === undefined || known < at) this.landings.set(camera, at);
  }

  async watchCamera(camera: string, at: string): Promise<void> {
    if (!this.landings.has(camera)) this.landings.set(camera, at);
  }

  async lastLandings(): Promise<ReadonlyMap<string, string>> {
    return new Map(this.landings);
  }

  async createHealthAlert(alert: HealthAlert): Promise<boolean> {
    if (this.alerts.has(alert.id)) return false;
    this.alerts.set(alert.id, structuredClone(alert));
    return true;
  }

  async latestHealthAlert(camera: string): Promise<HealthAlert | null> {
    const mine = [...this.alerts.values()].filter((alert) => alert.camera === camera);
    const order = ({ at, state }: HealthAlert): string => `${at} ${state === 'cleared' ? 1 : 0}`;
    return mine.sort((a, b) => order(b).localeCompare(order(a)))[0] ?? null;
  }

  async pendingHealthAlerts(): Promise<readonly HealthAlert[]> {
    return [...this.alerts.values()]
      .filter(({ status }) => status === 'pending')
      .sort((a, b) => a.at.localeCompare(b.at) || a.id.localeCompare(b.id));
  }

  async markHealthAlertSent(id: string): Promise<void> {
    const alert = this.alerts.get(id);
    if (alert) this.alerts.set(id, { ...alert, status: 'sent' });
  }
}
