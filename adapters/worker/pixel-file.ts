import { closeSync, existsSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** In memory where the system has such a folder. */
const FOLDER = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();

/** A child's side: pictures on their way to the parent. Space is used again once nothing waits. */
export class PixelWriter {
  readonly file = join(FOLDER, `tierwatch-pixels-${process.pid}`);
  private fd: number | null = null;
  private end = 0;
  private waiting = 0;

  /** @returns where they begin */
  write(pixels: Uint8Array): number {
    this.fd ??= openSync(this.file, 'wx', 0o600);
    const position = this.end;
    writeSync(this.fd, pixels, 0, pixels.length, position);
    this.end += pixels.length;
    this.waiting++;
    return position;
  }

  /** What was written for one request is not needed any more. */
  release(): void {
    if (--this.waiting === 0) this.end = 0;
  }
}

/** The parent's side; the file has no name once it is open, so that nothing is left behind. */
export class PixelReader {
  private constructor(private readonly fd: number) {}

  static open(file: string): PixelReader {
    const fd = openSync(file, 'r');
    rmSync(file, { force: true });
    return new PixelReader(fd);
  }

  read(into: Uint8Array, position: number): void {
    readSync(this.fd, into, 0, into.length, position);
  }

  close(): void {
    closeSync(this.fd);
  }
}
