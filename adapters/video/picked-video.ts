import { factsOf, type PickedPackets } from '../../core/picked-packets';
import type { Picture, SegmentVideo, VideoFacts } from '../../core/ports';
import { UnreadableVideoError, VideoLimitError } from './errors';

/** A video of which only some packets are at hand, and the facts of all: pictures of the others are not there. */
export class PickedVideo implements SegmentVideo {
  readonly facts: VideoFacts;
  private readonly places: ReadonlyMap<number, number>;

  /** @throws {UnreadableVideoError} {@link VideoLimitError} */
  constructor(
    private readonly media: SegmentVideo,
    picked: PickedPackets,
    { maxFrames }: { readonly maxFrames: number },
  ) {
    const found = media.facts.packets.length;
    if (found !== picked.sent.length) {
      throw new UnreadableVideoError(
        `expected the ${picked.sent.length} packets that were announced, found ${found}; send the whole segment`,
      );
    }
    if (picked.ticks.length > maxFrames) {
      throw new VideoLimitError(
        `expected at most maxFrames ${maxFrames}, found ${picked.ticks.length}; cut the segment`,
      );
    }
    this.facts = factsOf(picked);
    this.places = new Map(picked.sent.map((index, place) => [index, place]));
  }

  get framesDecoded(): number {
    return this.media.framesDecoded;
  }

  get damage(): string | null {
    return this.media.damage;
  }

  pictureAt(packetIndex: number, quality: 'gate' | 'full'): Picture | null {
    const place = this.places.get(packetIndex);
    return place === undefined ? null : this.media.pictureAt(place, quality);
  }

  close(): void {
    this.media.close();
  }
}
