import { formatSegmentKey } from './segment-key';
import { UPLOAD_SITE } from './upload';

/** A form by which a browser puts one file straight into the footage bucket. */
export interface UploadForm {
  readonly url: string;
  /** Fields that go before the file, by name. */
  readonly fields: Readonly<Record<string, string>>;
}

/** What may be put by one form, and nothing else. */
export interface UploadTerms {
  readonly objectKey: string;
  /** Exactly these (bytes). */
  readonly bytes: number;
  readonly type: string;
  /** The form holds this long (s). */
  readonly seconds: number;
}

/** Containers of segments, by the end of the name. */
export const SEGMENT_TYPES = {
  mp4: 'video/mp4',
  ts: 'video/mp2t',
  mkv: 'video/x-matroska',
} as const;

/** The key of a video that somebody tries: a camera of its own, so that nothing is near it. */
export function uploadKeyOf(
  id: string,
  video: {
    readonly startedAt: string;
    readonly seconds: number;
    readonly extension: keyof typeof SEGMENT_TYPES;
  },
): string {
  return formatSegmentKey({ ...video, camera: `${UPLOAD_SITE}/${id}` });
}
