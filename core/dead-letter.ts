import type { DeadLetter } from './ports';
import { NAME_PATTERN } from './segment-key';

/** A message that failed five times, told of without what else it says. */
export interface DeadLetterEntry {
  /** The function that it was for. */
  readonly queue: string;
  readonly id: string;
  /** `site/camera`; null: the message names none. */
  readonly camera: string | null;
  /** Of the segment, or of the object as stored. */
  readonly segmentKey: string | null;
  readonly cause: string;
  readonly deadAt: string;
}

const CAMERA = new RegExp(`^${NAME_PATTERN}/${NAME_PATTERN}$`);
const CAMERA_OF_KEY = new RegExp(`^(${NAME_PATTERN}/${NAME_PATTERN})/`);
/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html */
const MAX_KEY_CHARACTERS = 1024;

/** What any function's dead letter is about. Its body may be anything: who may send to a queue may send anything. */
export function deadLetterEntry(
  queue: string,
  { id, body, cause, deadAt }: DeadLetter<unknown>,
): DeadLetterEntry {
  const [first] = Array.isArray(body) ? body : [body];
  const segmentKey = textAt(first, 'segmentKey') ?? landedKey(first);
  const named = textAt(first, 'camera') ?? CAMERA_OF_KEY.exec(segmentKey ?? '')?.[1] ?? '';
  const camera = CAMERA.test(named) ? named : null;
  return { queue, id, camera, segmentKey, cause, deadAt };
}

/** Key of the first object that a notification of S3 tells of, direct or through EventBridge. */
function landedKey(body: unknown): string | null {
  const bridged = textAt(body, 'detail', 'object', 'key');
  if (bridged !== null) return bridged;
  const encoded = textAt(body, 'Records', '0', 's3', 'object', 'key');
  try {
    return encoded === null ? null : decodeURIComponent(encoded.replaceAll('+', ' '));
  } catch {
    return encoded;
  }
}

/** The text at a path of own fields; null where there is none, or one that is too long to be a name. */
function textAt(value: unknown, ...path: readonly string[]): string | null {
  let found = value;
  for (const name of path) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, name)) return null;
    found = (found as Readonly<Record<string, unknown>>)[name];
  }
  return typeof found === 'string' && found.length <= MAX_KEY_CHARACTERS ? found : null;
}
