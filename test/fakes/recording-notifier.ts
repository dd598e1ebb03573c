import type { HealthAlert } from '../../core/health';
import type { Notifier } from '../../core/ports';
import type { Alert } from '../../core/segment-result';

/** Keeps what it was sent; fails as often as it is told to first. */
export class RecordingNotifier implements Notifier {
  readonly sent: (Alert | HealthAlert)[] = [];

  constructor(private failures = 0) {}

  failNext(times: number): void {
    this.failures = times;
  }

  async send(alert: Alert | HealthAlert): Promise<void> {
    if (this.failures > 0) {
      this.failures--;
      throw new Error('the target does not answer');
    }
    this.sent.push(alert);
  }
}
