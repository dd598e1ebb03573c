import { useEffect, useSyncExternalStore } from 'react';
import type { ResolvedCamera } from './answers';
import { ask, asProblem } from './api';

const RETRY_MS = 5000;

/** Time zones of sites, by their name, as far as they were asked for. */
const zones = new Map<string, string | Promise<void>>();
const listeners = new Set<() => void>();

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** The time zone of a camera's site; null: not known yet. @param camera `site/camera` */
export function useKnownZone(camera: string | null): string | null {
  const site = camera?.split('/')[0] ?? '';
  const zone = useSyncExternalStore(subscribe, () => zones.get(site));
  useEffect(() => {
    if (camera !== null && zone === undefined && !zones.has(site)) {
      zones.set(site, findZone(camera, site));
    }
  }, [camera, site, zone]);
  return typeof zone === 'string' ? zone : null;
}

/** As {@link useKnownZone}; UTC until it is known. */
export function useZone(camera: string | null): string {
  return useKnownZone(camera) ?? 'UTC';
}

async function findZone(camera: string, site: string): Promise<void> {
  try {
    const { settings } = await ask<ResolvedCamera>(`cameras/${camera}`);
    zones.set(site, settings.timezone);
  } catch (error) {
    const { status } = asProblem(error);
    if (status === 403 || status === 404) zones.set(site, 'UTC');
    else {
      // Whoever still shows a camera of the site asks again.
      await new Promise((resolve) => window.setTimeout(resolve, RETRY_MS));
      zones.delete(site);
    }
  }
  for (const listener of listeners) listener();
}
