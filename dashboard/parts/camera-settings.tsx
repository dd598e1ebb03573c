import type { ResolvedCamera } from '../client/answers';
import { settingLines } from '../logic/setting-lines';

/** A camera’s settings in words, each with the layer of the fleet file that set it. */
export function CameraSettingsTable({ camera }: { readonly camera: ResolvedCamera }) {
  const { origins, settings } = camera;
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
        {settingLines(settings).map(({ name, value, key }) => (
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
