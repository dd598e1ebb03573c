import { createContext } from 'react';
import { formatRoute } from '../logic/route';
import { nowMs } from './api';
import type { ListedPage } from './events';

/** A row, and where it stood in the window. */
export interface Place {
  readonly id: string;
  /** Of its event: rows are in this order, and an event that grows may have another id by and by. */
  readonly endedAt: string;
  /** Below the window’s upper edge (px); null: the list was not scrolled. */
  readonly topPx: number | null;
  readonly hasFocus: boolean;
}

/** What is left of a list when its reader goes elsewhere. */
export class KeptList<One> {
  place: Place | null = null;
  /** Pages that were read, and how often the connection had been renewed by then. */
  read: { readonly pages: readonly One[]; readonly generation: number } | undefined;
  /** How many pages its reader had come through. */
  count = 1;

  keep(pages: readonly One[], generation: number): void {
    this.read = { pages, generation };
    this.count = pages.length;
  }
}

/** One entry of the browser’s history: who comes back to it finds its lists as they were. */
export class Entry {
  private readonly lists = new Map<string, KeptList<ListedPage>>();
  constructor(readonly id: string) {}
  /** By the server’s clock, ms since 1970: periods up to now are meant by it. */
  readonly openedMs = nowMs();

  /** The list of some filters. */
  listOf(key: string): KeptList<ListedPage> {
    const kept = this.lists.get(key) ?? new KeptList();
    this.lists.set(key, kept);
    return kept;
  }

  /** Long lists are kept of one entry at a time; others are read again as far as their readers had come. */
  forgetPages(): void {
    for (const list of this.lists.values()) list.read = undefined;
  }
}

const MOST_ENTRIES = 30;
const entries = new Map<string, Entry>();
let opened = 0;

/** The entry that the address is of; one that was left long ago, or before the page was loaded, is a new one. */
export function currentEntry(): Entry {
  const state = window.history.state as { readonly entry?: string } | null;
  const known = entries.get(state?.entry ?? '');
  if (known) return known;
  const entry = new Entry(`${Date.now()} ${opened++}`);
  entries.set(entry.id, entry);
  window.history.replaceState({ entry: entry.id }, '');
  const [oldest] = entries.keys();
  if (entries.size > MOST_ENTRIES && oldest) entries.delete(oldest);
  return entry;
}

/** From now on the pages of this entry’s lists are those that are kept. */
export function keepPagesOf(entry: Entry): void {
  for (const one of entries.values()) if (one !== entry) one.forgetPages();
}

const GONE = 'addresschange';
/** An address that the page knows of before the browser tells it. */
let told: string | null = null;

/** Goes to another address, and has the page know of it before whatever was chosen there is drawn again. */
export function go(to: Parameters<typeof formatRoute>[0]): void {
  window.location.hash = formatRoute(to);
  window.dispatchEvent(new Event(GONE));
  told = window.location.hash;
}

/** Hears of each address once. @returns ends it */
export function onAddress(listener: () => void): () => void {
  const onHash = (): void => {
    const isKnown = told === window.location.hash;
    told = null;
    if (!isKnown) listener();
  };
  window.addEventListener('hashchange', onHash);
  window.addEventListener(GONE, listener);
  return () => {
    window.removeEventListener('hashchange', onHash);
    window.removeEventListener(GONE, listener);
  };
}

export const EntryContext = createContext(new Entry(''));
