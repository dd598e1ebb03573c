/** One rewritten line on a terminal, plain lines every ten seconds elsewhere; always on stderr. */
export class Progress {
  private lastMs = 0;
  private isShown = false;
  private readonly isTerminal = process.stderr.isTTY === true;

  show(line: string): void {
    const nowMs = performance.now();
    if (nowMs - this.lastMs < (this.isTerminal ? 100 : 10_000)) return;
    this.lastMs = nowMs;
    if (this.isTerminal) process.stderr.write(`\r\u001b[K${line}`);
    else console.error(line);
    this.isShown = this.isTerminal;
  }

  /** Clears the line, so that other output starts on a fresh one. */
  clear(): void {
    if (this.isShown) process.stderr.write('\r\u001b[K');
    this.isShown = false;
  }
}
