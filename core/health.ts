import * as z from 'zod';
import type { CameraSettings } from './camera-settings';
import { stableHash } from './hash';
import type { Clock, FleetSource, HealthStore, Notifier } from './ports';

const instant = z.iso.datetime({ precision: 3 });

/** A camera fell silent, or is back: one record a change, pending until it was handed over. */
export const healthAlertSchema = z.strictObject({
  schemaVersion: z.literal(1),
  id: z.string(),
  camera: z.string(),
  state: z.enum(['raised', 'cleared']),
  lastLandedAt: instant.describe('When footage landed before the silence'),
  at: instant.describe('When it was silent for cameraSilentMinutes, or when footage came back'),
  silentMinutes: z.number().min(0).describe('From the last landing to `at` (min)'),
  notify: z.string().nullable().describe('Notify target; null: recorded only'),
  status: z.enum(['pending', 'sent']),
  createdAt: instant,
});
export type HealthAlert = z.infer<typeof healthAlertSchema>;

export interface HealthFacts {
  readonly camera: string;
  /** Last landing, or when the camera was first watched. */
  readonly lastLandedAt: string;
  readonly latest: HealthAlert | null;
  readonly settings: Pick<CameraSettings, 'cameraSilentMinutes' | 'healthNotify'>;
  readonly now: string;
}

/**
 * What has changed about a camera's silence, or null. One alert a silence: its id comes from the landing
 * before it, so that two processes that notice it make one record.
 */
export function healthChange({
  camera,
  lastLandedAt,
  latest,
  settings,
  now,
}: HealthFacts): HealthAlert | null {
  const { cameraSilentMinutes, healthNotify } = settings;
  const change = (state: HealthAlert['state'], before: string, at: string): HealthAlert => ({
    schemaVersion: 1,
    id: stableHash([camera, 'camera-silent', state, before]),
    camera,
    state,
    lastLandedAt: before,
    at,
    silentMinutes: (Date.parse(at) - Date.parse(before)) / 60_000,
    notify: healthNotify,
    status: healthNotify === null ? 'sent' : 'pending',
    createdAt: now,
  });
  if (latest?.state === 'raised') {
    const isBack = lastLandedAt > latest.lastLandedAt;
    return isBack ? change('cleared', latest.lastLandedAt, lastLandedAt) : null;
  }
  if (cameraSilentMinutes === null) return null;
  const dueMs = Date.parse(lastLandedAt) + cameraSilentMinutes * 60_000;
  return dueMs <= Date.parse(now)
    ? change('raised', lastLandedAt, new Date(dueMs).toISOString())
    : null;
}

export interface HealthDeps {
  readonly health: HealthStore;
  readonly notifier: Notifier;
  readonly fleet: Pick<FleetSource, 'resolve'>;
  readonly clock: Clock;
}

/**
 * Raises and clears the silence of every camera, and hands over what is pending.
 * @param cameras those that the fleet file names; others are watched from their first landing on
 * @returns the changes, and the errors of what could not be handed over: it stays pending
 */
export async function checkHealth(
  cameras: readonly string[],
  { health, notifier, fleet, clock }: HealthDeps,
): Promise<{ readonly changes: readonly HealthAlert[]; readonly failures: readonly Error[] }> {
  const now = clock.now().toISOString();
  for (const camera of cameras) await health.watchCamera(camera, now);
  const changes: HealthAlert[] = [];
  for (const [camera, lastLandedAt] of await health.lastLandings()) {
    const { settings } = await fleet.resolve(camera, now);
    const latest = await health.latestHealthAlert(camera);
    const change = healthChange({ camera, lastLandedAt, latest, settings, now });
    if (change && (await health.createHealthAlert(change))) changes.push(change);
  }
  const failures: Error[] = [];
  for (const alert of await health.pendingHealthAlerts()) {
    try {
      await notifier.send(alert);
      await health.markHealthAlertSent(alert.id);
    } catch (error) {
      failures.push(error as Error);
    }
  }
  return { changes, failures };
}
