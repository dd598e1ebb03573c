import { getSignedCookies } from '@aws-sdk/cloudfront-signer';
import * as z from 'zod';
import { TierwatchError } from '../../core/errors';
import {
  FOOTAGE_ACCESS_SECONDS,
  type FootageAccess,
  footagePathOf,
} from '../../core/footage-access';
import { parseJson } from '../../core/parse-json';
import type { Clock } from '../../core/ports';
import type { SecretText } from './secret-text';

/** The key that signs for footage is not in its secret, or is of another form. */
export class FootageKeyError extends TierwatchError {
  override readonly name = 'FootageKeyError';
  constructor(secretId: string, found: string) {
    super(
      `"${secretId}": expected { "keyPairId": "K…", "privateKey": "-----BEGIN …" }, found ${found}; write it as docs/deploy.md says`,
      { code: 'footage-key', retryable: true },
    );
  }
}

const keySchema = z.strictObject({
  keyPairId: z.string().regex(/^[A-Z0-9]{8,64}$/),
  privateKey: z.string().regex(/^-----BEGIN (RSA |EC )?PRIVATE KEY-----\n/),
});
type SigningKey = z.infer<typeof keySchema>;

/** A rotated key is taken after this at the latest. */
const REREAD_AFTER_MS = 300_000;

export interface FootageCookiesOptions {
  readonly secretId: string;
  /** `https://name` that footage is read under. */
  readonly address: string;
  readonly clock: Clock;
}

/** Signed cookies of CloudFront, each for one site's footage alone. */
export class FootageCookies {
  private held: { readonly key: SigningKey; readonly readMs: number } | null = null;

  constructor(
    private readonly secrets: Pick<SecretText, 'read'>,
    private readonly options: FootageCookiesOptions,
  ) {}

  /** @throws {FootageKeyError} */
  async open(site: string): Promise<FootageAccess> {
    const nowMs = this.options.clock.now().getTime();
    const key = await this.key(nowMs);
    const expires = Math.floor(nowMs / 1000) + FOOTAGE_ACCESS_SECONDS;
    // From its first letter: CloudFront matches the whole address, so a "*" before the path would also match other
    // sites' footage with this path in a query.
    const policy = JSON.stringify({
      Statement: [
        {
          Resource: `${this.options.address}${footagePathOf(site)}*`,
          Condition: { DateLessThan: { 'AWS:EpochTime': expires } },
        },
      ],
    });
    const signed = getSignedCookies({ ...key, policy });
    const cookies = Object.entries(signed).map(([name, value]) => [name, String(value)]);
    return {
      cookies: Object.fromEntries(cookies),
      expiresAt: new Date(expires * 1000).toISOString(),
    };
  }

  private async key(nowMs: number): Promise<SigningKey> {
    if (this.held && nowMs - this.held.readMs < REREAD_AFTER_MS) return this.held.key;
    const { secretId } = this.options;
    const text = await this.secrets.read(secretId);
    if (text === null) throw new FootageKeyError(secretId, 'nothing');
    const parsed = keySchema.safeParse(parseJson(text));
    // The parser's own words may hold the key.
    if (!parsed.success) throw new FootageKeyError(secretId, 'another form');
    this.held = { key: parsed.data, readMs: nowMs };
    return parsed.data;
  }
}
