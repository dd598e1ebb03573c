import type { StitchedEvent } from '../../core/events';

/** Events of one connection that are remembered; an older one is sent again where it changes nothing. */
const MAX_REMEMBERED = 5000;

/** What a connection was sent, so that an event comes again only when it has changed. */
export class SentEvents {
  private readonly texts = new Map<string, string>();

  /** @returns whether it is not as it was sent last, and the events that were sent and are now part of it */
  note({ partIds, ...event }: StitchedEvent): {
    readonly isNews: boolean;
    readonly replaced: readonly string[];
  } {
    const text = JSON.stringify(event);
    const isNews = this.texts.get(event.id) !== text;
    const replaced = partIds.filter((id) => id !== event.id && this.texts.delete(id));
    this.texts.delete(event.id);
    this.texts.set(event.id, text);
    const [oldest] = this.texts.keys();
    if (this.texts.size > MAX_REMEMBERED && oldest !== undefined) this.texts.delete(oldest);
    return { isNews, replaced };
  }
}
