import { useState } from 'react';
import { fileUrl } from '../client/api';
import { useGeneration, useOffers } from '../client/hooks';

/** The picture of an event; a plain field where there is none, or it has expired. */
export function Snapshot({
  snapshotKey,
  alt,
  isLazy = true,
}: {
  readonly snapshotKey: string | null;
  readonly alt: string;
  readonly isLazy?: boolean;
}) {
  const [failed, setFailed] = useState<string | null>(null);
  // What did not come while the api was away is asked for again.
  const attempt = `${useGeneration()} ${snapshotKey}`;
  const isOffered = useOffers('snapshots');
  if (snapshotKey === null || failed === attempt || !isOffered) {
    return <span className="snapshot is-missing">{alt === '' ? '' : 'No picture'}</span>;
  }
  return (
    <img
      className="snapshot"
      src={fileUrl('snapshots', snapshotKey)}
      alt={alt}
      loading={isLazy ? 'lazy' : 'eager'}
      decoding="async"
      onError={() => setFailed(attempt)}
    />
  );
}

/** The colour of a class, by the name of its custom property. */
export function hueOf(className: string): 'person' | 'vehicle' | 'cycle' | 'other' {
  if (className === 'person') return 'person';
  if (['vehicle', 'car', 'bus', 'truck'].includes(className)) return 'vehicle';
  if (['bicycle', 'motorcycle'].includes(className)) return 'cycle';
  return 'other';
}

/** A class with its colour. */
export function ClassName({ name }: { readonly name: string }) {
  return (
    <span className={`class-name hue-${hueOf(name)}`}>
      <span className="swatch" aria-hidden="true" />
      {name}
    </span>
  );
}
