import { PublishCommand, type SNSClient } from '@aws-sdk/client-sns';
import { TierwatchError } from '../../core/errors';
import type { HealthAlert } from '../../core/health';
import { notificationOf } from '../../core/notification';
import type { Notifier } from '../../core/ports';
import type { Alert } from '../../core/segment-result';

/** SNS did not take an alert; it stays pending and is sent again. */
export class SnsNotifyError extends TierwatchError {
  override readonly name = 'SnsNotifyError';
  constructor(target: string, found: string, cause?: unknown) {
    super(
      `"${target}": expected SNS to take the alert, found ${found}; it stays pending and is sent again`,
      { code: 'sns-notify', retryable: true, cause },
    );
  }
}

/**
 * Alerts → the SNS topic of their notify name. SNS delivers at least once and has no memory of ids on a
 * standard topic: receivers deduplicate by the notification's `id`.
 */
export class SnsNotifier implements Notifier {
  constructor(
    private readonly sns: SNSClient,
    /** ARN by notify name. */
    private readonly topics: Readonly<Record<string, string>>,
  ) {}

  /** @throws {SnsNotifyError} */
  async send(alert: Alert | HealthAlert): Promise<void> {
    const name = alert.notify ?? '';
    const TopicArn = Object.hasOwn(this.topics, name) ? this.topics[name] : undefined;
    if (!TopicArn) throw new SnsNotifyError(name, 'no topic of this name');
    const notification = notificationOf(alert);
    try {
      await this.sns.send(
        new PublishCommand({
          TopicArn,
          Message: JSON.stringify(notification),
          MessageAttributes: {
            id: { DataType: 'String', StringValue: notification.id },
            kind: { DataType: 'String', StringValue: notification.kind },
            camera: { DataType: 'String', StringValue: notification.camera },
          },
        }),
      );
    } catch (cause) {
      throw new SnsNotifyError(name, (cause as Error).name, cause);
    }
  }
}
