import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import { PrivateBucket } from './private-bucket';

/** Where a model is: an archive that is in S3 already, or one that was packed here. */
export type ModelSource =
  | { readonly uri: string; readonly sha256: string }
  | { readonly name: string; readonly file: string; readonly sha256: string };

export interface ModelsArgs {
  readonly source: ModelSource;
  readonly isProtected: boolean;
}

/** The model of functions and endpoint: one archive, in a versioned bucket that keeps those before it. */
export class Models extends pulumi.ComponentResource {
  /** `s3://…tar.gz` */
  readonly uri: pulumi.Output<string>;
  readonly sha256: string;
  readonly archiveArn: pulumi.Output<string>;

  constructor(name: string, args: ModelsArgs, options?: pulumi.ComponentResourceOptions) {
    super('tierwatch:index:Models', name, {}, options);
    const parent = { parent: this };
    const { source, isProtected } = args;
    const { bucket } = new PrivateBucket(name, { isVersioned: true, isProtected }, parent);
    this.sha256 = source.sha256;
    if ('uri' in source) {
      this.uri = pulumi.output(source.uri);
    } else {
      const object = new aws.s3.BucketObjectv2(
        `${name}/${source.sha256}`,
        {
          bucket: bucket.id,
          key: `${source.name}/${source.sha256}.tar.gz`,
          source: new pulumi.asset.FileAsset(source.file),
          contentType: 'application/gzip',
        },
        // The archive before stays, for whoever goes back to it.
        { ...parent, retainOnDelete: true },
      );
      this.uri = pulumi.interpolate`s3://${object.bucket}/${object.key}`;
    }
    this.archiveArn = this.uri.apply((uri) => uri.replace('s3://', 'arn:aws:s3:::'));
    this.registerOutputs({ uri: this.uri, sha256: this.sha256 });
  }
}
