import * as z from 'zod';
import { TierwatchError } from './errors';
import type { LandedObject } from './identify-segment';

/** A message that tells of no object in the footage bucket: forged, or misrouted. It is dropped, loudly. */
export class LandedNotificationError extends TierwatchError {
  override readonly name = 'LandedNotificationError';
  constructor(found: string) {
    super(
      `expected S3's notification of an object in the footage bucket, found ${found}; check who may send to the queue`,
      { code: 'landed-notification', retryable: false },
    );
  }
}

const key = z.string().min(1).max(1024);
/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html */
const s3Schema = z.looseObject({
  Records: z
    .array(
      z.looseObject({
        eventName: z.string(),
        s3: z.looseObject({
          bucket: z.looseObject({ name: z.string() }),
          object: z.looseObject({
            key: key.describe('URL-encoded, a space as +'),
            eTag: z.string().optional(),
            versionId: z.string().optional(),
          }),
        }),
      }),
    )
    .min(1)
    .max(1000),
});
/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html */
const eventBridgeSchema = z.looseObject({
  source: z.literal('aws.s3'),
  'detail-type': z.string(),
  detail: z.looseObject({
    bucket: z.looseObject({ name: z.string() }),
    object: z.looseObject({
      key: key.describe('As it is, not encoded'),
      etag: z.string().optional(),
      'version-id': z.string().optional(),
    }),
  }),
});
/** What S3 sends once when a notification is set up. */
const testEventSchema = z.looseObject({ Service: z.string(), Event: z.literal('s3:TestEvent') });

/**
 * Objects that a queue message tells of, whether from S3 or from S3 through EventBridge; none for S3's test
 * event and for what is no creation.
 * @param body of the message, JSON
 * @param bucket the only one that is read
 * @throws {LandedNotificationError}
 */
export function parseLandedNotification(body: string, bucket: string): LandedObject[] {
  const json = parseJson(body);
  if (testEventSchema.safeParse(json).success) return [];
  const bridged = eventBridgeSchema.safeParse(json);
  if (bridged.success) {
    const { detail } = bridged.data;
    if (bridged.data['detail-type'] !== 'Object Created') return [];
    const { key, etag, 'version-id': versionId } = detail.object;
    return [objectOf(detail.bucket.name, { bucket, key, versionId, eTag: etag })];
  }
  const direct = s3Schema.safeParse(json);
  if (!direct.success) throw new LandedNotificationError('another form');
  return direct.data.Records.filter(({ eventName }) => /^(s3:)?ObjectCreated:/.test(eventName)).map(
    ({ s3 }) => objectOf(s3.bucket.name, { bucket, ...s3.object, key: decode(s3.object.key) }),
  );
}

function objectOf(
  found: string,
  {
    bucket,
    key,
    versionId,
    eTag,
  }: {
    readonly bucket: string;
    readonly key: string;
    readonly versionId?: string | undefined;
    readonly eTag?: string | undefined;
  },
): LandedObject {
  if (found !== bucket) throw new LandedNotificationError(`the bucket "${found.slice(0, 63)}"`);
  const objectVersion = versionId && versionId !== 'null' ? versionId : eTag?.replaceAll('"', '');
  if (!objectVersion) throw new LandedNotificationError('neither version nor ETag');
  return { key, objectVersion };
}

function decode(encoded: string): string {
  try {
    return decodeURIComponent(encoded.replaceAll('+', ' '));
  } catch {
    throw new LandedNotificationError('a key that is not URL-encoded');
  }
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw new LandedNotificationError('text that is no JSON');
  }
}
