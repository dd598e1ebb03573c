import type { AlertRule, CameraSettings } from './camera-settings';
import { isWithin } from './clock-range';
import { FRAME_ZONE } from './frame-zone';
import { stableHash } from './hash';
import type { Alert, Presence, SegmentItem } from './segment-result';

/** Id of the alert of a rule in one slot of its cooldown (contracts 8): what it is deduplicated by. */
export function alertIdOf(camera: string, rule: AlertRule, slot: number): string {
  return stableHash([camera, rule.name, slot]);
}

/** Slot of an instant: a cooldown of 0 makes every instant its own. */
export function slotOf({ cooldownMinutes }: AlertRule, at: string): number {
  return Math.floor(Date.parse(at) / Math.max(1, cooldownMinutes * 60_000));
}

export interface CandidateAlert {
  readonly alert: Alert;
  readonly rule: AlertRule;
  /** Alerts that would suppress this one: ids of the neighbouring slots. */
  readonly neighbourIds: readonly string[];
}

/**
 * Alerts that one item raises: the first matching instant of each rule. Only what moved raises one, so a
 * parked car never does. A pure function of the item: re-runs of a segment raise the same ids.
 * @param now ISO; an alert older than `alertMaxAgeMinutes` is born `stale`
 */
export function alertsOf(
  item: SegmentItem,
  settings: Pick<CameraSettings, 'alerts' | 'timezone' | 'alertMaxAgeMinutes'>,
  now: string,
): CandidateAlert[] {
  return settings.alerts.flatMap((rule) => {
    const first = firstMatch(item.presences, rule, settings.timezone);
    if (!first) return [];
    const slot = slotOf(rule, first.at);
    const ageMinutes = (Date.parse(now) - Date.parse(first.at)) / 60_000;
    const alert: Alert = {
      schemaVersion: 1,
      id: alertIdOf(item.camera, rule, slot),
      camera: item.camera,
      rule: rule.name,
      notify: rule.notify,
      className: first.presence.className,
      zone: first.presence.zone,
      at: first.at,
      confidence: first.presence.bestConfidence,
      segmentKey: item.segmentKey,
      snapshotKey: first.presence.snapshotKey,
      status: ageMinutes > settings.alertMaxAgeMinutes ? 'stale' : 'pending',
      createdAt: now,
    };
    const neighbourIds = [slot - 1, slot + 1].map((at) => alertIdOf(item.camera, rule, at));
    return [{ alert, rule, neighbourIds }];
  });
}

/** Whether an alert of a neighbouring slot, pending or sent, lies within the cooldown. */
export function isSuppressed(
  { alert, rule }: CandidateAlert,
  neighbours: readonly Alert[],
): boolean {
  return neighbours.some(({ at, status }) => {
    const apartMinutes = Math.abs(Date.parse(at) - Date.parse(alert.at)) / 60_000;
    return (status === 'pending' || status === 'sent') && apartMinutes < rule.cooldownMinutes;
  });
}

function firstMatch(
  presences: readonly Presence[],
  rule: AlertRule,
  timezone: string,
): { presence: Presence; at: string } | null {
  const zones = rule.zones ?? [FRAME_ZONE];
  return presences
    .filter(({ className, zone }) => rule.classes.includes(className) && zones.includes(zone))
    .filter(({ bestConfidence }) => bestConfidence >= (rule.minConfidence ?? 0))
    .flatMap((presence) =>
      presence.moving.flatMap((interval) => {
        const at = firstInstantWithin(rule, interval, timezone);
        return at ? [{ presence, at }] : [];
      }),
    )
    .reduce<{ presence: Presence; at: string } | null>(
      (first, one) => (first === null || one.at < first.at ? one : first),
      null,
    );
}

/** Hours begin on whole minutes: the start of the interval, or the first whole minute in it that fits. */
function firstInstantWithin(
  rule: AlertRule,
  { from, to }: { readonly from: string; readonly to: string },
  timezone: string,
): string | null {
  if (isWithin(rule, from, timezone)) return from;
  const firstMinute = Math.ceil(Date.parse(from) / 60_000) * 60_000;
  for (let ms = firstMinute; ms < Date.parse(to); ms += 60_000) {
    const at = new Date(ms).toISOString();
    if (isWithin(rule, at, timezone)) return at;
  }
  return null;
}
