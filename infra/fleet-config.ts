import { gzipSync } from 'node:zlib';
import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import { compileFleet, INDEX_KEY, renderCompiled, shardKey } from '../core/fleet/compile';
import type { Fleet } from '../core/fleet/schema';
import { PrivateBucket } from './private-bucket';

export interface FleetConfigArgs {
  readonly fleet: Fleet;
  readonly isProtected: boolean;
}

/** The compiled fleet as objects: an index and 256 shards, so that a camera's change touches one. */
export class FleetConfig extends pulumi.ComponentResource {
  readonly store: PrivateBucket;

  constructor(name: string, args: FleetConfigArgs, options?: pulumi.ComponentResourceOptions) {
    super('tierwatch:index:FleetConfig', name, {}, options);
    const parent = { parent: this };
    this.store = new PrivateBucket(
      name,
      { isVersioned: true, isProtected: args.isProtected },
      parent,
    );
    const { index, shards } = compileFleet(args.fleet);
    const publish = (key: string, content: Partial<aws.s3.BucketObjectv2Args>): void => {
      new aws.s3.BucketObjectv2(
        `${name}/${key}`,
        { bucket: this.store.bucket.id, key, contentType: 'application/json', ...content },
        parent,
      );
    };
    publish(INDEX_KEY, { content: renderCompiled(index) });
    for (const [number, shard] of shards.entries()) {
      const bytes = gzipSync(renderCompiled(shard), { level: 9 });
      publish(shardKey(number), {
        contentBase64: bytes.toString('base64'),
        contentType: 'application/gzip',
      });
    }
    this.registerOutputs({ bucket: this.store.bucket.id });
  }
}
