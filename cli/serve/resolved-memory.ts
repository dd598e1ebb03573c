import { type ResolvedCamera, resolveCamera } from '../../core/fleet/resolve';
import type { Fleet } from '../../core/fleet/schema';

const MAX_REMEMBERED = 20_000;

/** Settings that were resolved before: events ask for those of a camera's first segment again and again. */
export class ResolvedMemory {
  private readonly known = new Map<string, ResolvedCamera>();

  constructor(private readonly fleet: Fleet) {}

  /** As `resolveCamera`. */
  of(camera: string, at: string): ResolvedCamera {
    const key = `${camera} ${at}`;
    const known = this.known.get(key);
    if (known) return known;
    const resolved = resolveCamera(this.fleet, camera, at);
    if (this.known.size >= MAX_REMEMBERED) this.known.clear();
    this.known.set(key, resolved);
    return resolved;
  }
}
