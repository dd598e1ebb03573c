import {
  ListObjectsV2Command,
  type ListObjectsV2CommandOutput,
  type S3Client,
} from '@aws-sdk/client-s3';

/** A day of minutes is two pages; in a layout that says the day first, all cameras lie between. */
const MAX_PAGES = 10;

/** Which footage is still in its bucket: by listing, for no function but those that analyse may read it. */
export class S3Present {
  constructor(
    private readonly s3: S3Client,
    private readonly bucket: string,
  ) {}

  /** Those of the keys that are there; where more lies between them than one look lists, the rest counts as there. */
  async present(objectKeys: readonly string[]): Promise<ReadonlySet<string>> {
    const groups = [...Map.groupBy(objectKeys, folderOf).values()];
    const found = await Promise.all(groups.map((keys) => this.presentAmong(keys.toSorted())));
    return new Set(found.flat());
  }

  private async presentAmong(sorted: readonly string[]): Promise<string[]> {
    const [first, last] = [sorted[0]!, sorted.at(-1)!];
    const listed = new Set<string>();
    let [reached, token]: [string, string | undefined] = ['', undefined];
    for (let page = 0; page < MAX_PAGES; page++) {
      const answer: ListObjectsV2CommandOutput = await this.s3.send(
        new ListObjectsV2Command({
          Bucket: this.bucket,
          Prefix: sharedStart(first, last),
          ...(token ? { ContinuationToken: token } : { StartAfter: first.slice(0, -1) }),
        }),
      );
      for (const { Key = '' } of answer.Contents ?? []) listed.add(Key);
      reached = answer.Contents?.at(-1)?.Key ?? last;
      token = answer.NextContinuationToken;
      if (!token || reached >= last) return sorted.filter((key) => listed.has(key));
    }
    return sorted.filter((key) => listed.has(key) || key > reached);
  }
}

/** Site and camera, or the first two names of another layout. */
function folderOf(key: string): string {
  return key.split('/').slice(0, 2).join('/');
}

function sharedStart(first: string, last: string): string {
  let length = 0;
  while (length < first.length && first[length] === last[length]) length++;
  return first.slice(0, length);
}
