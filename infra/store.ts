import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import { TABLE_KEYS } from '../core/table-keys';

export interface StoreArgs {
  readonly key?: aws.kms.Key | undefined;
  readonly isProtected: boolean;
}

/** The single table: items, pointers, alerts, floors, landings. On demand; what is old expires by itself. */
export class Store extends pulumi.ComponentResource {
  readonly table: aws.dynamodb.Table;

  constructor(name: string, args: StoreArgs, options?: pulumi.ComponentResourceOptions) {
    super('tierwatch:index:Store', name, {}, options);
    const { partition, sort, byTime, byStatus, expiresAt } = TABLE_KEYS;
    const indexes = [byTime, byStatus];
    const attributes = [partition, sort, ...indexes.flatMap((one) => [one.partition, one.sort])];
    this.table = new aws.dynamodb.Table(
      name,
      {
        billingMode: 'PAY_PER_REQUEST',
        hashKey: partition,
        rangeKey: sort,
        attributes: attributes.map((attribute) => ({ name: attribute, type: 'S' })),
        globalSecondaryIndexes: indexes.map((one) => ({
          name: one.index,
          hashKey: one.partition,
          rangeKey: one.sort,
          projectionType: 'ALL',
        })),
        ttl: { enabled: true, attributeName: expiresAt },
        pointInTimeRecovery: { enabled: true },
        serverSideEncryption: { enabled: true, ...(args.key ? { kmsKeyArn: args.key.arn } : {}) },
        deletionProtectionEnabled: args.isProtected,
      },
      { parent: this, protect: args.isProtected },
    );
    this.registerOutputs({ table: this.table.name });
  }
}
