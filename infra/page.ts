import { readdirSync, statSync } from 'node:fs';
import { extname, join, relative, sep } from 'node:path';
import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import { PAGE_TYPES } from '../core/page-files';
import { PrivateBucket } from './private-bucket';

export interface PageArgs {
  /** The built page. */
  readonly folder: string;
  readonly isProtected: boolean;
}

const IMMUTABLE = 'public, max-age=31536000, immutable';

/** The built page as objects of a bucket that only its distribution reads. */
export class Page extends pulumi.ComponentResource {
  readonly store: PrivateBucket;

  /** @throws {pulumi.RunError} where it has not been built */
  constructor(name: string, args: PageArgs, options?: pulumi.ComponentResourceOptions) {
    super('tierwatch:index:Page', name, {}, options);
    const parent = { parent: this };
    const { folder, isProtected } = args;
    const files = pageFilesOf(folder);
    this.store = new PrivateBucket(
      name,
      { isVersioned: true, isProtected, isDelivered: true },
      parent,
    );
    for (const key of files) {
      new aws.s3.BucketObjectv2(
        `${name}/${key}`,
        {
          bucket: this.store.bucket.id,
          key,
          source: new pulumi.asset.FileAsset(join(folder, key)),
          contentType: PAGE_TYPES[extname(key)] ?? 'application/octet-stream',
          // Vite names what lies under assets/ by its content.
          cacheControl: key.startsWith('assets/') ? IMMUTABLE : 'no-cache',
        },
        parent,
      );
    }
    this.registerOutputs({ bucket: this.store.bucket.id });
  }
}

/** Keys of the built page's files. @throws {pulumi.RunError} where there is no page */
export function pageFilesOf(folder: string): string[] {
  if (!statSync(join(folder, 'index.html'), { throwIfNoEntry: false })) {
    throw new pulumi.RunError(
      `tierwatch:page: expected the built page in "${folder}", found none; build it with "npx vite build dashboard", or write "none"`,
    );
  }
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .sort();
}
