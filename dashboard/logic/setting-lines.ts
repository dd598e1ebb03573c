import type { CameraSettings } from '../../core/camera-settings';
import { bytes, durationOf, percent } from './words';

const DAY_MINUTES = 24 * 60;

export interface SettingLine {
  readonly name: string;
  readonly value: string;
  /** Name of the setting in the fleet file. */
  readonly key: string;
}

const seconds = (value: number): string => `${value} s`;
const minutes = (value: number | null): string => {
  if (value === null) return 'never';
  return value < DAY_MINUTES ? `${value} min` : durationOf(value * 60);
};
const names = (list: readonly string[], none = 'none'): string => list.join(', ') || none;
const switched = (isOn: boolean): string => (isOn ? 'on' : 'off');

/** Every setting of a camera in words, in the order in which a segment meets them. */
export function settingLines(settings: CameraSettings): SettingLine[] {
  const { analysis, retention } = settings;
  const line = (name: string, key: string, value: string): SettingLine => ({ name, key, value });
  const { quietDays, eventDays, archiveDays, maxBytes } = retention;
  const limit = maxBytes === null ? '' : `, at most ${bytes(maxBytes)}`;
  return [
    line('Tier', 'tier', settings.tier),
    line('Time zone', 'timezone', settings.timezone),
    line('A recording is split after', 'maxSegmentSeconds', seconds(settings.maxSegmentSeconds)),
    line('Lane', 'lane', settings.lane),
    line('Model', 'model', settings.model),
    line('Model input', 'inputSize', analysis.inputSize),
    line('The endpoint is sent', 'send', sent(settings)),
    line('Looks every', 'sampleIntervalSeconds', seconds(analysis.sampleIntervalSeconds)),
    line('Packet gate', 'packetGate', analysis.packetGate),
    line('Motion gate', 'motionGate', switched(analysis.motionGate)),
    line('Looks again at the latest after', 'heartbeatSeconds', seconds(analysis.heartbeatSeconds)),
    line('Classes', 'classes', names(analysis.classes)),
    line('Least confidence', 'minConfidence', percent(analysis.minConfidence)),
    line('Filters by class', 'classFilters', names(Object.keys(analysis.classFilters))),
    line('Zones', 'zones', names(Object.keys(analysis.zones))),
    line('Masks', 'masks', String(analysis.masks.length)),
    line('Privacy masks', 'privacyMasks', String(analysis.privacyMasks.length)),
    line('An event ends after', 'quietGapSeconds', seconds(settings.quietGapSeconds)),
    line('Parked after', 'stationaryAfterMinutes', minutes(settings.stationaryAfterMinutes)),
    line('Kept before evidence', 'preRollSeconds', seconds(settings.preRollSeconds)),
    line('Kept after evidence', 'postRollSeconds', seconds(settings.postRollSeconds)),
    line('Alerts', 'alerts', names(settings.alerts.map(({ name }) => name))),
    line('An alert is sent until', 'alertMaxAgeMinutes', minutes(settings.alertMaxAgeMinutes)),
    line('Silent after', 'cameraSilentMinutes', minutes(settings.cameraSilentMinutes)),
    line('Silence is told to', 'healthNotify', settings.healthNotify ?? 'nobody'),
    line(
      'Footage is kept',
      'retention',
      `quiet ${quietDays} days, evidence ${eventDays}, archive ${archiveDays}${limit}`,
    ),
  ];
}

function sent({ lane, analysis }: CameraSettings): string {
  const what = analysis.send ?? 'packets';
  return lane === 'gpu' ? what : `${what}, were it on the gpu lane`;
}
