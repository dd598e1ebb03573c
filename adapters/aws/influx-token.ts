import { GetSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import * as z from 'zod';
import { TierwatchError } from '../../core/errors';

/** The secret with InfluxDB's token can't be read, or holds something else. */
export class InfluxTokenError extends TierwatchError {
  override readonly name = 'InfluxTokenError';
  constructor(secretId: string, found: string, cause?: unknown) {
    super(
      `"${secretId}": expected a secret { "token": "…" } for InfluxDB, found ${found}; write it, and let the function read it`,
      { code: 'influx-token', retryable: true, cause },
    );
  }
}

const secretSchema = z.looseObject({ token: z.string().regex(/^[\x21-\x7e]+$/) });

/** Where the token of InfluxDB comes from. */
export interface TokenSource {
  /** @param refused the token that InfluxDB no longer takes: another one is asked for */
  token(refused?: string): Promise<string>;
}

/** The token from Secrets Manager: read once, and again when InfluxDB refuses it. */
export class SecretToken implements TokenSource {
  private held: Promise<string> | null = null;
  private known: string | null = null;

  constructor(
    private readonly secrets: SecretsManagerClient,
    private readonly secretId: string,
  ) {}

  /** @throws {InfluxTokenError} */
  async token(refused?: string): Promise<string> {
    // Where many were refused at once, the first of them reads for all.
    if (refused !== undefined && refused === this.known) this.held = null;
    this.held ??= this.read();
    const reading = this.held;
    try {
      return await reading;
    } catch (error) {
      if (this.held === reading) this.held = null;
      throw error;
    }
  }

  private async read(): Promise<string> {
    this.known = null;
    const text = await this.fetch();
    try {
      this.known = secretSchema.parse(JSON.parse(text)).token;
      return this.known;
    } catch {
      // The parser's own words may hold the secret.
      throw new InfluxTokenError(this.secretId, 'another form');
    }
  }

  private async fetch(): Promise<string> {
    try {
      const command = new GetSecretValueCommand({ SecretId: this.secretId });
      return (await this.secrets.send(command)).SecretString ?? '';
    } catch (error) {
      throw new InfluxTokenError(this.secretId, (error as Error).name, error);
    }
  }
}
