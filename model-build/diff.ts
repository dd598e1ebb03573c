import type { Manifest } from '../core/manifest';

export interface ManifestDifference {
  /** Place in the manifest; graphs by their file name, such as `files.int8-192x320.onnx`. */
  readonly path: string;
  /** JSON of the value; null where there is none. */
  readonly before: string | null;
  readonly after: string | null;
}

/** What differs between two bundles, in the order of the first manifest; empty when nothing does. */
export function diffManifests(before: Manifest, after: Manifest): ManifestDifference[] {
  const left = placesOf(before);
  const right = placesOf(after);
  return [...new Set([...left.keys(), ...right.keys()])]
    .map((path) => ({ path, before: left.get(path) ?? null, after: right.get(path) ?? null }))
    .filter((place) => place.before !== place.after);
}

function placesOf({ files, ...rest }: Manifest): Map<string, string> {
  const places = Object.entries(rest).map(([path, value]): [string, string] => [
    path,
    JSON.stringify(value),
  ]);
  const graphs = files.map((file): [string, string] => [
    `files.${file.file}`,
    JSON.stringify(file),
  ]);
  return new Map([...places, ...graphs]);
}
