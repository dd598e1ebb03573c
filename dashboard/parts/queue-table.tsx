import type { TimedQueueCounts } from '../client/answers';
import { durationOf } from '../logic/words';
import { Scroller } from './scroller';

/** What waits for each function, since when, and what failed. */
export function QueueTable({
  queues,
}: {
  readonly queues: Readonly<Record<string, TimedQueueCounts>> | null;
}) {
  if (queues === null) {
    return <p className="quiet">Shown to those who may see every site.</p>;
  }
  return (
    <Scroller label="Queues">
      <table className="table is-cards">
        <thead>
          <tr>
            <th scope="col">Queue</th>
            <th scope="col" className="number">
              Waiting
            </th>
            <th scope="col" className="number">
              In work
            </th>
            <th scope="col" className="number">
              Oldest
            </th>
            <th scope="col" className="number">
              Dead
            </th>
          </tr>
        </thead>
        <tbody>
          {Object.entries(queues).map(([name, { waiting, inFlight, dead, oldestSeconds }]) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td className="number" data-label="Waiting">
                {waiting.toLocaleString('en')}
              </td>
              <td className="number" data-label="In work">
                {inFlight.toLocaleString('en')}
              </td>
              <td className="number" data-label="Oldest">
                {oldestSeconds === null ? '–' : durationOf(oldestSeconds)}
              </td>
              <td className={`number ${dead > 0 ? 'is-bad' : ''}`} data-label="Dead">
                {dead.toLocaleString('en')}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroller>
  );
}
