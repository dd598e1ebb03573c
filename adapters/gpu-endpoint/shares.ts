/** The CPU of this process, split evenly among what is worked at the same time. */
export class CpuShares {
  private readonly open = new Set<{ seconds: number }>();
  private before: NodeJS.CpuUsage;

  /** @param usage so far; tests put another */
  constructor(private readonly usage: () => NodeJS.CpuUsage = () => process.cpuUsage()) {
    this.before = usage();
  }

  /** Something begins. @returns to be called at its end: its share since then (CPU seconds) */
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
    const now = this.usage();
    const microseconds = now.user + now.system - this.before.user - this.before.system;
    this.before = now;
    for (const share of this.open) share.seconds += microseconds / 1e6 / this.open.size;
  }
}
