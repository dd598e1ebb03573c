const DAY_MS = 86_400_000;

/**
 * When S3's lifecycle expires an object: the days are counted from its creation and rounded up to midnight UTC; it is
 * removed some time after that. Nobody is told, so this is what can be said of it.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-rules.html#intro-lifecycle-rules-number-of-days
 * @param landedAt ISO; a recording lands soon after its end
 */
export function lifecycleEndOf(landedAt: string, days: number): string {
  const endMs = Date.parse(landedAt) + days * DAY_MS;
  return new Date(Math.ceil(endMs / DAY_MS) * DAY_MS).toISOString();
}
