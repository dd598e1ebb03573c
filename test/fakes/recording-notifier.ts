import type { Notifier } from '../../core/ports';
import type { Alert } from '../../core/segment-result';

/** Keeps what it was sent; fails as often as it is told to first. */
export class RecordingNotifier implements Notifier {
  readonly sent: Alert[] = [];

  constructor(private failures = 0) {}

  async send(alert: Alert): Promise<void> {
    if (this.failures > 0) {
      this.failures--;
      throw new Error('the target does not answer');
    }
    this.sent.push(alert);
  }
}
