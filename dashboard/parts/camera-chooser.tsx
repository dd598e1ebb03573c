import { useMemo, useState } from 'react';
import type { Camera } from '../client/answers';
import { useCameras } from '../client/hooks';
import { useEventsOfWeek, useLatestWeek } from '../client/latest-week';
import { useZone } from '../client/zones';
import { formatRoute, type Page } from '../logic/route';
import { Answer, Empty } from './notes';
import { Snapshot } from './snapshot';
import { When } from './when';

const MAX_SHOWN = 200;
/** Pictures are those of so many events at most: the busiest cameras have theirs, whatever the fleet’s size. */
const MAX_EVENTS = 200;

/** Every camera, by site, with the last picture that something was seen in, and a field to find one. */
export function CameraChooser({
  page,
  title,
}: {
  readonly page: Extract<Page, 'camera' | 'playback'>;
  readonly title: string;
}) {
  const cameras = useCameras();
  const snapshots = useSnapshots();
  const [wanted, setWanted] = useState('');
  return (
    <>
      <header className="page-head">
        <h1>{title}</h1>
        <label className="search">
          <span className="unseen">Find a camera</span>
          <input
            type="search"
            placeholder="Find a camera"
            value={wanted}
            onChange={(event) => setWanted(event.target.value)}
          />
        </label>
      </header>
      <Answer of={cameras}>
        {(all) => {
          const found = all.filter(({ camera }) => camera.includes(wanted.trim().toLowerCase()));
          const shown = found.slice(0, MAX_SHOWN);
          if (all.length === 0) {
            return (
              <Empty title="No cameras yet.">
                <p>Name some in the fleet file, or land footage as site/camera/….</p>
              </Empty>
            );
          }
          return (
            <>
              {[...Map.groupBy(shown, ({ camera }) => camera.split('/')[0]!)].map(
                ([site, ones]) => (
                  <section key={site} className="site">
                    <h2>{site}</h2>
                    <ul className="camera-tiles">
                      {ones.map((one) => (
                        <CameraTile
                          key={one.camera}
                          camera={one}
                          page={page}
                          snapshotKey={snapshots && (snapshots.get(one.camera) ?? null)}
                        />
                      ))}
                    </ul>
                  </section>
                ),
              )}
              <p className="quiet" role="status">
                {found.length === 0 && `No camera’s name has “${wanted}” in it.`}
                {found.length > MAX_SHOWN &&
                  `${MAX_SHOWN} of ${found.length.toLocaleString('en')}: write more of the name.`}
              </p>
            </>
          );
        }}
      </Answer>
    </>
  );
}

/** The latest snapshot by camera, of those that saw something in the fleet’s latest week; undefined: not known yet. */
function useSnapshots(): ReadonlyMap<string, string> | undefined {
  const { data } = useEventsOfWeek(useLatestWeek(null), { limit: MAX_EVENTS });
  return useMemo(() => {
    if (!data) return undefined;
    const found = new Map<string, string>();
    for (const { camera, snapshotKey } of data.events) {
      if (snapshotKey !== null && !found.has(camera)) found.set(camera, snapshotKey);
    }
    return found;
  }, [data]);
}

function CameraTile({
  camera,
  page,
  snapshotKey,
}: {
  readonly camera: Camera;
  readonly page: Page;
  readonly snapshotKey: string | null | undefined;
}) {
  const timezone = useZone(camera.camera);
  const path = camera.camera.split('/');
  return (
    <li>
      <a className="camera-tile" href={formatRoute({ page, path })}>
        {snapshotKey ? (
          <Snapshot snapshotKey={snapshotKey} alt="" />
        ) : (
          <span className="snapshot is-missing">
            {snapshotKey === null && 'nothing seen lately'}
          </span>
        )}
        <span className="camera-name">{path[1]}</span>
        <span className="quiet">
          {camera.tier} · {camera.lane} lane
        </span>
        <span className={camera.silentSince ? 'is-warning' : 'quiet'}>
          {camera.silentSince ? (
            <>
              silent since <When at={camera.silentSince} timezone={timezone} />
            </>
          ) : camera.lastLandedAt ? (
            <>
              heard <When at={camera.lastLandedAt} timezone={timezone} />
            </>
          ) : (
            'nothing has landed yet'
          )}
        </span>
        {!camera.isKnown && <span className="tag">not in the fleet file</span>}
      </a>
    </li>
  );
}
