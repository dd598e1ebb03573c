/** What grows while a process works, split evenly among what is worked at the same time. */
export class Shares {
  private readonly open = new Set<{ seconds: number }>();
  private before: number;

  /** @param seconds so far; never less than before */
  constructor(private readonly seconds: () => number) {
    this.before = seconds();
  }

  /** Something begins. @returns to be called at its end: its share since then (s) */
  begin(): () => number {
    this.settle();
    const share = { seconds: 0 };
    this.open.add(share);
    return () => {
      if (this.open.has(share)) this.settle();
      this.open.delete(share);
      return share.seconds;
    };
  }

  private settle(): void {
    const now = this.seconds();
    const grown = now - this.before;
    this.before = now;
    for (const share of this.open) share.seconds += grown / this.open.size;
  }
}
