const TERMINAL_MS = 250;
const PLAIN_MS = 10_000;

/** One rewritten line on a terminal; elsewhere a plain line every ten seconds while something changes; the last one stays. Always on stderr. */
export class Progress {
  private shownMs = Number.NEGATIVE_INFINITY;
  private shown = '';
  private isOpen = false;
  private readonly isTerminal = process.stderr.isTTY === true;

  /** Whether a line would be shown now. */
  get isDue(): boolean {
    return performance.now() - this.shownMs >= (this.isTerminal ? TERMINAL_MS : PLAIN_MS);
  }

  /** @param detail changes all the time: alone it is no reason for another plain line */
  show(line: string, detail = ''): void {
    if (!this.isDue) return;
    this.shownMs = performance.now();
    if (this.isTerminal) {
      const whole = `${line}${detail}`.slice(0, (process.stderr.columns || 80) - 1);
      process.stderr.write(`\r\u001b[K${whole}`);
    } else if (line !== this.shown) console.error(`${line}${detail}`);
    this.shown = line;
    this.isOpen = this.isTerminal;
  }

  /** The last word, which stays. */
  end(line: string, detail: string): void {
    this.clear();
    if (this.isTerminal || line !== this.shown) console.error(`${line}${detail}`);
  }

  /** Clears the line, so that other output starts on a fresh one. */
  clear(): void {
    if (this.isOpen) process.stderr.write('\r\u001b[K');
    this.isOpen = false;
  }
}
