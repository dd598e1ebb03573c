/** What waits, each by whose it is: whoever was served goes to the end, so that a crowd of one holds up nobody else. */
export class Turns<Item> {
  private readonly waiting = new Map<string, Item[]>();
  private count = 0;

  /** How many wait. */
  get size(): number {
    return this.count;
  }

  push(whose: string, item: Item): void {
    const own = this.waiting.get(whose);
    if (own) own.push(item);
    else this.waiting.set(whose, [item]);
    this.count++;
  }

  /** The oldest of whoever's turn it is; null where nothing waits. */
  take(): Item | null {
    const next = this.waiting.entries().next().value;
    if (!next) return null;
    const [whose, own] = next;
    const item = own.shift()!;
    this.waiting.delete(whose);
    if (own.length > 0) this.waiting.set(whose, own);
    this.count--;
    return item;
  }
}
