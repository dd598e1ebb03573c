import { checkHealth } from '../core/health';
import type { FleetSource, HealthStore, Telemetry } from '../core/ports';
import { publishPending, type WorkDeps } from '../core/work-segment';

export interface AlertsDeps extends Pick<WorkDeps, 'alerts' | 'notifier' | 'clock'> {
  readonly health: HealthStore;
  readonly fleet: Pick<FleetSource, 'resolve'>;
  /** Cameras that are watched for silence from the start. */
  readonly watchedCameras: () => Promise<readonly string[]>;
  readonly telemetry: Telemetry;
}

/** Alerts pending for this long are sent again (contracts 8). */
const RESEND_AFTER_MS = 120_000;

/**
 * On a schedule: sends again what was pending for two minutes, and raises and clears silent cameras.
 * @returns a function whose argument says how long an alert must have been pending, ms
 */
export function createAlerts(deps: AlertsDeps): (pendingMs?: number) => Promise<void> {
  return async (pendingMs = RESEND_AFTER_MS) => {
    const { alerts, clock, telemetry } = deps;
    const createdBefore = new Date(clock.now().getTime() - pendingMs).toISOString();
    const pending = await alerts.pendingAlerts({ createdBefore });
    telemetry.count('alertsPending', pending.length);
    for (const segmentKey of new Set(pending.map((alert) => alert.segmentKey))) {
      await publishPending(segmentKey, deps).catch((error: Error) =>
        telemetry.log('warn', 'an alert stays pending', { segmentKey, cause: error.message }),
      );
    }
    const { changes, failures } = await checkHealth(await deps.watchedCameras(), deps);
    telemetry.count('silentCameras', changes.filter(({ state }) => state === 'raised').length);
    for (const { camera, state, lastLandedAt, silentMinutes } of changes) {
      const message = state === 'raised' ? 'camera is silent' : 'camera is back';
      telemetry.log('warn', message, { camera, state, lastLandedAt, silentMinutes });
    }
    for (const { message: cause } of failures) {
      telemetry.log('warn', 'a health alert stays pending', { cause });
    }
  };
}
