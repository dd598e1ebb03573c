import { TierwatchError } from '../core/errors';

/** The server takes no more for now: 503, ask again or elsewhere. */
export class EndpointBusyError extends TierwatchError {
  override readonly name = 'EndpointBusyError';
  constructor(reason: string) {
    super(reason, { code: 'endpoint-busy', retryable: true });
  }
}

/** One request's place in the server. */
export class Place {
  private readonly loss = Promise.withResolvers<never>();
  private state: 'waiting' | 'worked' | 'lost' = 'waiting';

  /** @param leave gives the place back; once is enough */
  constructor(readonly leave: () => void) {}

  /** Rejects when another camera is given the place. */
  get lost(): Promise<never> {
    return this.loss.promise;
  }

  get isLost(): boolean {
    return this.state === 'lost';
  }

  get isWaiting(): boolean {
    return this.state === 'waiting';
  }

  /** From now on nobody else is given the place. */
  begin(): void {
    this.state = 'worked';
  }

  giveAway(): void {
    this.state = 'lost';
    this.leave();
    this.loss.reject(new EndpointBusyError('the queue is full, and most of it is of this camera'));
  }
}

/**
 * So many requests at once. Where all places are taken, a camera that has fewer than another gets one of that other's
 * which only wait, the last to come: a camera that floods pushes out its own requests, and nobody else's.
 */
export class Admission {
  private readonly places = new Map<string, Set<Place>>();
  private count = 0;

  constructor(private readonly most: number) {}

  /** Requests that wait or are worked. */
  get size(): number {
    return this.count;
  }

  /** @returns null where there is no place that is this camera's due */
  enter(camera: string): Place | null {
    if (this.count >= this.most && !this.makeRoom(camera)) return null;
    const own = this.places.get(camera) ?? new Set<Place>();
    this.places.set(camera, own);
    const place: Place = new Place(() => this.free(camera, own, place));
    own.add(place);
    this.count++;
    return place;
  }

  private makeRoom(camera: string): boolean {
    const own = this.places.get(camera)?.size ?? 0;
    let longest: { readonly size: number; readonly last: Place } | null = null;
    for (const held of this.places.values()) {
      // With as many afterwards as it had before, the two would only change sides.
      if (held.size <= Math.max(own + 1, longest?.size ?? 0)) continue;
      const last = [...held].findLast(({ isWaiting }) => isWaiting);
      if (last) longest = { size: held.size, last };
    }
    longest?.last.giveAway();
    return longest !== null;
  }

  private free(camera: string, own: Set<Place>, place: Place): void {
    if (!own.delete(place)) return;
    this.count--;
    if (own.size === 0) this.places.delete(camera);
  }
}
