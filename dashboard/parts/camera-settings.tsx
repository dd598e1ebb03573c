import type { ResolvedCamera } from '../client/answers';

interface Line {
  readonly name: string;
  readonly value: string;
  /** Name of the setting in the fleet file. */
  readonly key: string;
}

/** A camera’s settings in words, each with the layer of the fleet file that set it. */
export function CameraSettingsTable({ camera }: { readonly camera: ResolvedCamera }) {
  const { origins } = camera;
  return (
    <table className="table settings">
      <caption className="unseen">Settings at this moment and where each comes from</caption>
      <thead>
        <tr>
          <th scope="col">Setting</th>
          <th scope="col">Value</th>
          <th scope="col">Comes from</th>
        </tr>
      </thead>
      <tbody>
        {linesOf(camera).map(({ name, value, key }) => (
          <tr key={key}>
            <th scope="row">
              {name} <code className="quiet">{key}</code>
            </th>
            <td>{value}</td>
            <td>
              <Origin text={origins[key] ?? 'product'} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Origin({ text }: { readonly text: string }) {
  const kind = text.split(' ')[0]?.replace(',', '') ?? 'product';
  return <span className={`origin is-${kind}`}>{text}</span>;
}

function linesOf({ settings }: ResolvedCamera): Line[] {
  const { analysis, retention } = settings;
  const count = (list: readonly unknown[] | object): string =>
    String(Array.isArray(list) ? list.length : Object.keys(list).length);
  const minutes = (value: number | null): string => (value === null ? 'never' : `${value} min`);
  return [
    { name: 'Tier', key: 'tier', value: settings.tier },
    { name: 'Lane', key: 'lane', value: settings.lane },
    { name: 'Model', key: 'model', value: settings.model },
    {
      name: 'Looks every',
      key: 'sampleIntervalSeconds',
      value: `${analysis.sampleIntervalSeconds} s`,
    },
    { name: 'Packet gate', key: 'packetGate', value: analysis.packetGate },
    { name: 'Motion gate', key: 'motionGate', value: analysis.motionGate ? 'on' : 'off' },
    { name: 'Classes', key: 'classes', value: analysis.classes.join(', ') },
    { name: 'Least confidence', key: 'minConfidence', value: String(analysis.minConfidence) },
    { name: 'Zones', key: 'zones', value: Object.keys(analysis.zones).join(', ') || 'none' },
    { name: 'Masks', key: 'masks', value: count(analysis.masks) },
    { name: 'Privacy masks', key: 'privacyMasks', value: count(analysis.privacyMasks) },
    { name: 'An event ends after', key: 'quietGapSeconds', value: `${settings.quietGapSeconds} s` },
    {
      name: 'Parked after',
      key: 'stationaryAfterMinutes',
      value: `${settings.stationaryAfterMinutes} min`,
    },
    {
      name: 'Alerts',
      key: 'alerts',
      value: settings.alerts.map(({ name }) => name).join(', ') || 'none',
    },
    {
      name: 'Silent after',
      key: 'cameraSilentMinutes',
      value: minutes(settings.cameraSilentMinutes),
    },
    {
      name: 'Footage is kept',
      key: 'retention',
      value: `quiet ${retention.quietDays} days, evidence ${retention.eventDays}, archive ${retention.archiveDays}`,
    },
  ];
}
