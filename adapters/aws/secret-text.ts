import {
  GetSecretValueCommand,
  PutSecretValueCommand,
  type SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { isNamed } from './errors';

/** Texts in Secrets Manager, by name or ARN. */
export class SecretText {
  constructor(private readonly secrets: SecretsManagerClient) {}

  /** Null for a secret that was made and never written. */
  async read(SecretId: string): Promise<string | null> {
    try {
      return (
        (await this.secrets.send(new GetSecretValueCommand({ SecretId }))).SecretString ?? null
      );
    } catch (error) {
      if (isNamed(error, 'ResourceNotFoundException')) return null;
      throw error;
    }
  }

  async write(SecretId: string, SecretString: string): Promise<void> {
    await this.secrets.send(new PutSecretValueCommand({ SecretId, SecretString }));
  }
}
