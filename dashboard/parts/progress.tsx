import { percent } from '../logic/words';

/** How far something is. @param ratio 0–1 */
export function Progress({ label, ratio }: { readonly label: string; readonly ratio: number }) {
  return (
    <p className="progress">
      <progress value={ratio} max={1} aria-label={label} />
      <span>{percent(ratio)}</span>
    </p>
  );
}
