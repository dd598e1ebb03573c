import { useState } from 'react';
import { fileUrl } from '../client/api';
import { useOffers } from '../client/hooks';

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
  const [failedKey, setFailedKey] = useState<string | null>(null);
  const isOffered = useOffers('snapshots');
  if (snapshotKey === null || failedKey === snapshotKey || !isOffered) {
    return <span className="snapshot is-missing">{alt === '' ? '' : 'No picture'}</span>;
  }
  return (
    <img
      className="snapshot"
      src={fileUrl('snapshots', snapshotKey)}
      alt={alt}
      loading={isLazy ? 'lazy' : 'eager'}
      decoding="async"
      onError={() => setFailedKey(snapshotKey)}
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
