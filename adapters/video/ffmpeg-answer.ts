import { FFmpegError } from 'node-av/lib';

/** What FFmpeg's code means, in its own words and in quotes, such as "No space left on device". */
export function answerOf(code: number): string {
  return `"${FFmpegError.strerror(code)}"`;
}

/** Whether the system refused, and not FFmpeg what it read: codes of its own are far below those of errno. */
export function isOfSystem(code: number): boolean {
  return code < 0 && code > -4096;
}
