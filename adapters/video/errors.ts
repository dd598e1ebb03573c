import { TierwatchError } from '../../core/errors';

/** The bytes are not a video that can be opened: quarantine, never retry. */
export class UnreadableVideoError extends TierwatchError {
  override readonly name = 'UnreadableVideoError';
  constructor(message: string, cause?: unknown) {
    super(message, { code: 'unreadable-video', retryable: false, cause });
  }
}

/** A segment could not be written: the folder or the disk is to blame, not the recording. */
export class SegmentWriteError extends TierwatchError {
  override readonly name = 'SegmentWriteError';
  constructor(message: string, cause?: unknown) {
    super(message, { code: 'data-folder', retryable: false, cause });
  }
}

/** A codec or container outside H.264/H.265 in MP4, MPEG-TS or MKV. */
export class UnsupportedVideoError extends TierwatchError {
  override readonly name = 'UnsupportedVideoError';
  constructor(message: string) {
    super(message, { code: 'unsupported-video', retryable: false });
  }
}

/** A file past one of the named limits. */
export class VideoLimitError extends TierwatchError {
  override readonly name = 'VideoLimitError';
  constructor(message: string) {
    super(message, { code: 'video-over-limit', retryable: false });
  }
}
