import { setTimeout as pause } from 'node:timers/promises';
import * as z from 'zod';
import { InfluxAdmin, type InfluxBucket } from '../adapters/aws/influx-admin';
import { InfluxUnavailableError } from '../adapters/aws/influx-http';
import { InfluxTokenError } from '../adapters/aws/influx-token';
import type { SecretText } from '../adapters/aws/secret-text';
import type { Telemetry } from '../core/ports';

export interface AnalyticsSetupDeps {
  readonly endpoint: string;
  readonly database: string;
  readonly retentionDays: number;
  readonly secrets: Pick<SecretText, 'read' | 'write'>;
  /** Ids of the secrets: of the instance's administrator, and where each token goes. */
  readonly adminSecret: string;
  readonly writeSecret: string;
  readonly readSecret: string;
  readonly telemetry: Telemetry;
  /** How often to look whether the instance answers, and for how long (ms). */
  readonly waiting?: { readonly everyMs: number; readonly forMs: number };
}

const adminSchema = z.looseObject({
  username: z.string(),
  password: z.string(),
  organization: z.string(),
});

/**
 * Prepares InfluxDB's data plane, as often as it is asked: the bucket with its retention, the database of the
 * v1 API, and a token each for who writes and who reads. What holds already is left alone.
 * @returns what was made anew
 */
export function createAnalyticsSetup(deps: AnalyticsSetupDeps): () => Promise<string[]> {
  return async () => {
    const { database, retentionDays, telemetry } = deps;
    const admin = await signIn(deps);
    const bucket = await admin.ensureBucket(database, retentionDays);
    await admin.ensureMapping(bucket, database);
    const made: string[] = [];
    for (const action of ['write', 'read'] as const) {
      if (await ensureToken(admin, bucket, action, deps)) made.push(`token to ${action}`);
    }
    telemetry.log('info', 'the time series is ready', { database, retentionDays, made });
    return made;
  };
}

/** An instance that was just made answers after a while. */
async function signIn(deps: AnalyticsSetupDeps): Promise<InfluxAdmin> {
  const { endpoint, adminSecret, secrets, waiting = { everyMs: 5000, forMs: 240_000 } } = deps;
  const parsed = adminSchema.safeParse(JSON.parse((await secrets.read(adminSecret)) ?? 'null'));
  if (!parsed.success) throw new InfluxTokenError(adminSecret, 'no administrator');
  const deadlineMs = performance.now() + waiting.forMs;
  for (;;) {
    try {
      return await InfluxAdmin.signIn(endpoint, parsed.data);
    } catch (error) {
      const isOver = performance.now() + waiting.everyMs > deadlineMs;
      if (!(error instanceof InfluxUnavailableError) || isOver) throw error;
      await pause(waiting.everyMs);
    }
  }
}

/** @returns whether a token was made: none held, or the secret has another */
async function ensureToken(
  admin: InfluxAdmin,
  bucket: InfluxBucket,
  action: 'read' | 'write',
  { secrets, writeSecret, readSecret }: AnalyticsSetupDeps,
): Promise<boolean> {
  const secretId = action === 'write' ? writeSecret : readSecret;
  const description = `tierwatch ${bucket.name} ${action}`;
  const known = (await admin.authorizations()).filter((one) => one.description === description);
  const held = await secrets.read(secretId);
  const isHeld = known.some(
    ({ token, status }) => status === 'active' && held === JSON.stringify({ token }),
  );
  if (isHeld) return false;
  const { token } = await admin.authorize(bucket, { action, description });
  await secrets.write(secretId, JSON.stringify({ token }));
  for (const old of known) await admin.revoke(old);
  return true;
}
