/** So much may be held at once, in any unit. Who finds no room waits, in the order of coming. */
export class Room {
  private readonly waiting: { readonly needed: number; readonly enter: () => void }[] = [];
  private free: number;

  constructor(private readonly size: number) {
    this.free = size;
  }

  /** Works while that much is held; what is larger than all of it waits until nobody else is there. */
  async hold<T>(wanted: number, work: () => Promise<T>): Promise<T> {
    const needed = Math.min(wanted, this.size);
    await this.enter(needed);
    try {
      return await work();
    } finally {
      this.free += needed;
      this.letIn();
    }
  }

  private enter(needed: number): Promise<void> {
    return new Promise((resolve) => {
      this.waiting.push({ needed, enter: resolve });
      this.letIn();
    });
  }

  private letIn(): void {
    for (let next = this.waiting[0]; next && next.needed <= this.free; next = this.waiting[0]) {
      this.waiting.shift();
      this.free -= next.needed;
      next.enter();
    }
  }
}
