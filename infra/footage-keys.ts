import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';

export interface FootageKeysArgs {
  /** PEM: one, or two while it is being rotated. */
  readonly publicKeys: readonly string[];
  readonly key?: aws.kms.Key | undefined;
}

const SECRET_RECOVERY_DAYS = 7;

/**
 * Keys that CloudFront trusts for footage, and the secret that the api signs from. Nobody but who made the key
 * puts its private half there, so it is in no state and no log of a deployment.
 */
export class FootageKeys extends pulumi.ComponentResource {
  readonly group: aws.cloudfront.KeyGroup;
  readonly secretArn: pulumi.Output<string>;
  /** keyPairId of each public key, in their order. */
  readonly ids: pulumi.Output<string>[];

  constructor(name: string, args: FootageKeysArgs, options?: pulumi.ComponentResourceOptions) {
    super('tierwatch:index:FootageKeys', name, {}, options);
    const parent = { parent: this };
    this.ids = args.publicKeys.map((encodedKey) => {
      // Named by its content: with another key this one stays until the group lets go of it.
      const part = encodedKey.replaceAll(/-----[A-Z ]+-----|\W/g, '').slice(-16, -6);
      return new aws.cloudfront.PublicKey(`${name}-${part}`, { encodedKey }, parent).id;
    });
    this.group = new aws.cloudfront.KeyGroup(name, { items: this.ids }, parent);
    this.secretArn = new aws.secretsmanager.Secret(
      name,
      {
        namePrefix: `${name}-`,
        recoveryWindowInDays: SECRET_RECOVERY_DAYS,
        ...(args.key ? { kmsKeyId: args.key.arn } : {}),
      },
      parent,
    ).arn;
    this.registerOutputs({ ids: this.ids });
  }
}
