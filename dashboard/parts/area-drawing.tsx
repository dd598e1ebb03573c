import { type KeyboardEvent, type PointerEvent, useMemo, useRef, useState } from 'react';
import type { Point, Polygon } from '../../core/geometry';
import type { ResolvedCamera } from '../client/answers';
import { type AreaKind, areaProblem, areaYaml, pointAt } from '../logic/zone-yaml';
import { Choice } from './filter-bar';
import { Lines } from './scroller';
import { Snapshot } from './snapshot';

const STEP = 0.02;
const FINE_STEP = 0.005;
const KINDS: readonly (readonly [AreaKind, string])[] = [
  ['zones', 'Zone'],
  ['masks', 'Mask: what stands there does not count'],
  ['privacyMasks', 'Privacy mask: black in every picture'],
];

/** A camera’s zones and masks over its last snapshot; draws another one and says how to write it down. */
export function AreaDrawing({
  camera,
  snapshotKey,
}: {
  readonly camera: ResolvedCamera;
  readonly snapshotKey: string | null;
}) {
  const { zones, masks, privacyMasks } = camera.settings.analysis;
  const [polygon, setPolygon] = useState<readonly Point[]>([]);
  const [kind, setKind] = useState<AreaKind>('zones');
  const [name, setName] = useState('');
  const [said, setSaid] = useState('');
  const area = { kind, name, polygon };
  const problem = areaProblem(area);
  const yaml = useMemo(
    () =>
      areaYaml(
        { camera: camera.camera, zones, masks, privacyMasks, origins: camera.origins },
        { kind, name, polygon },
      ),
    [camera, zones, masks, privacyMasks, kind, name, polygon],
  );
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(yaml);
      setSaid('The lines are in the clipboard.');
    } catch {
      setSaid('This browser gives no access to the clipboard: mark the lines and copy them.');
    }
  };
  return (
    <div className="drawing">
      <div>
        <Board
          camera={camera}
          snapshotKey={snapshotKey}
          polygon={polygon}
          kind={kind}
          onChange={setPolygon}
        />
        <p className="quiet drawing-help">
          Click to set points. By keyboard: arrows move the cross (with Shift, in small steps),
          Enter sets a point, Backspace takes the last one back.
        </p>
      </div>
      <div className="drawing-form">
        <Choice
          label="Draw a"
          isLabelShown
          value={kind}
          options={KINDS}
          onChange={(value) => setKind(value as AreaKind)}
        />
        {kind === 'zones' && (
          <label className="field">
            Name
            <input
              value={name}
              placeholder="loading-bay"
              onChange={(event) => setName(event.target.value)}
            />
          </label>
        )}
        <p className="actions">
          <button
            type="button"
            className="button"
            disabled={polygon.length === 0}
            onClick={() => setPolygon(polygon.slice(0, -1))}
          >
            Take the last point back
          </button>
          <button
            type="button"
            className="button"
            disabled={polygon.length === 0}
            onClick={() => setPolygon([])}
          >
            Start again
          </button>
        </p>
        {polygon.length > 0 && problem && (
          <p className="quiet" role="status">
            {problem}
          </p>
        )}
        {problem === null && (
          <>
            <p>Paste into the fleet file, in place of what the camera has there:</p>
            <Lines label="Lines for the fleet file">{yaml}</Lines>
            <button type="button" className="button is-main" onClick={() => void copy()}>
              Copy
            </button>
            <span className="quiet" role="status">
              {' '}
              {said}
            </span>
          </>
        )}
      </div>
    </div>
  );
}

function Board({
  camera,
  snapshotKey,
  polygon,
  kind,
  onChange,
}: {
  readonly camera: ResolvedCamera;
  readonly snapshotKey: string | null;
  readonly polygon: readonly Point[];
  readonly kind: AreaKind;
  readonly onChange: (polygon: readonly Point[]) => void;
}) {
  const { zones, masks, privacyMasks } = camera.settings.analysis;
  const board = useRef<HTMLDivElement>(null);
  const [cross, setCross] = useState<Point | null>(null);
  const onPointerDown = (event: PointerEvent): void => {
    const { left, top, width, height } = board.current!.getBoundingClientRect();
    const point = pointAt((event.clientX - left) / width, (event.clientY - top) / height);
    onChange([...polygon, point]);
    setCross(point);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const at = cross ?? pointAt(0.5, 0.5);
    const step = event.shiftKey ? FINE_STEP : STEP;
    const moves: Record<string, Point> = {
      ArrowLeft: pointAt(at[0] - step, at[1]),
      ArrowRight: pointAt(at[0] + step, at[1]),
      ArrowUp: pointAt(at[0], at[1] - step),
      ArrowDown: pointAt(at[0], at[1] + step),
    };
    const moved = moves[event.key];
    if (moved) setCross(moved);
    else if (event.key === 'Enter') onChange([...polygon, at]);
    else if (event.key === 'Backspace') onChange(polygon.slice(0, -1));
    else return;
    event.preventDefault();
  };
  return (
    <div
      ref={board}
      className="board"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: drawn on by keyboard
      tabIndex={0}
      role="application"
      aria-label={`Drawing over the last snapshot of ${camera.camera}; ${polygon.length} points set${cross ? `, cross at ${cross.join(', ')}` : ''}`}
      onPointerDown={onPointerDown}
      onKeyDown={onKeyDown}
      onFocus={() => setCross((one) => one ?? pointAt(0.5, 0.5))}
    >
      <Snapshot snapshotKey={snapshotKey} alt="" isLazy={false} />
      <svg viewBox="0 0 1 1" preserveAspectRatio="none" aria-hidden="true">
        {privacyMasks.map((one) => (
          <polygon key={pointsOf(one)} className="area is-privacy" points={pointsOf(one)} />
        ))}
        {masks.map((one) => (
          <polygon key={pointsOf(one)} className="area is-mask" points={pointsOf(one)} />
        ))}
        {Object.entries(zones).map(([zone, one]) => (
          <polygon key={zone} className="area is-zone" points={pointsOf(one)} />
        ))}
        <polygon className={`area is-new is-${kind}`} points={pointsOf(polygon)} />
      </svg>
      {Object.entries(zones).map(([zone, one]) => (
        <Tag key={zone} text={zone} at={topLeftOf(one)} />
      ))}
      {masks.map((one) => (
        <Tag key={pointsOf(one)} text="mask" at={topLeftOf(one)} />
      ))}
      {polygon.map(([x, y], index) => (
        // A point is its place in the list.
        // biome-ignore lint/suspicious/noArrayIndexKey: see above
        <span key={index} className="corner" style={{ left: `${x * 100}%`, top: `${y * 100}%` }} />
      ))}
      {cross && (
        <span className="cross" style={{ left: `${cross[0] * 100}%`, top: `${cross[1] * 100}%` }} />
      )}
    </div>
  );
}

function Tag({ text, at: [x, y] }: { readonly text: string; readonly at: Point }) {
  return (
    <span className="area-tag" style={{ left: `${x * 100}%`, top: `${y * 100}%` }}>
      {text}
    </span>
  );
}

function pointsOf(polygon: Polygon): string {
  return polygon.map((point) => point.join(',')).join(' ');
}

function topLeftOf(polygon: Polygon): Point {
  return [Math.min(...polygon.map(([x]) => x)), Math.min(...polygon.map(([, y]) => y))];
}
