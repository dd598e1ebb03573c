import { beforeAll, describe, expect, it } from 'vitest';
import { parseFleet } from '../../core/fleet/parse';
import { infraConfigSchema } from '../../core/infra-config';
import { storageOf } from '../../core/price-book';
import { createPlatform } from '../../infra/platform';
import { runProgram } from './mocks';

const RETENTION = { quietDays: 2, eventDays: 30, archiveDays: 365 };
const DAYS = 30;
const HOURS_PER_MONTH = 730;

interface Rule {
  readonly filter?: { readonly objectSizeGreaterThan?: number };
  readonly transitions?: readonly { readonly days: number; readonly storageClass: string }[];
  readonly expiration?: { readonly days: number };
}

let rules: readonly Rule[];
beforeAll(async () => {
  const retention = JSON.stringify(RETENTION);
  const asked = await runProgram(
    () =>
      createPlatform({
        environment: 'dev',
        config: infraConfigSchema.parse({
          owner: 'a',
          fleet: 'f',
          budgetUsdPerMonth: 1,
          budgetEmails: ['a@example.com'],
        }),
        fleet: parseFleet('fleet.yaml', `retention: ${retention}\ncameras: { site/door: {} }`),
      }),
    { stack: 'dev' },
  );
  const type = 'aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration';
  const { inputs } = asked.find(
    (one) => one.type === type && one.name === 'tierwatch-dev-footage',
  )!;
  rules = inputs.rules as readonly Rule[];
});

/** Where an object of the bucket lies, so many whole days after it landed; null: it has expired. */
function classAt(ageDays: number, bytes: number): string | null {
  const applying = rules.filter(({ filter }) => bytes > (filter?.objectSizeGreaterThan ?? -1));
  if (applying.some(({ expiration }) => expiration && ageDays >= expiration.days)) return null;
  const moves = applying
    .flatMap(({ transitions = [] }) => transitions)
    .filter(({ days }) => ageDays >= days)
    .sort((a, b) => b.days - a.days);
  return moves[0]?.storageClass ?? 'STANDARD';
}

/**
 * One camera from its second year on, day by day: S3's lifecycle on everything, and the retention function on what is
 * quiet. GB-months by class and month.
 */
function simulate({
  bytes,
  perDay,
  keptRatio,
}: {
  bytes: number;
  perDay: number;
  keptRatio: number;
}) {
  const months = Array.from({ length: 12 }, () => ({ STANDARD: 0, GLACIER_IR: 0, moved: 0 }));
  for (let day = 366; day < 366 + 12 * DAYS; day++) {
    const month = months[Math.floor((day - 366) / DAYS)]!;
    for (let landed = 0; landed < day; landed++) {
      const age = day - landed;
      const kept = age > RETENTION.quietDays ? keptRatio : 1;
      const storageClass = classAt(age - 1, bytes);
      if (storageClass === null) continue;
      const gb = (bytes * perDay * kept) / 1e9;
      month[storageClass as 'STANDARD' | 'GLACIER_IR'] += gb / DAYS;
      if (storageClass !== 'STANDARD' && classAt(age - 2, bytes) === 'STANDARD') {
        month.moved += perDay * kept;
      }
    }
  }
  return months;
}

describe('a camera’s footage through the bucket’s rules, by month', () => {
  it.each([
    ['60 s at 1 Mbit/s', { bytes: 7_500_000, perDay: 1440, keptRatio: 0.1 }],
    ['a busy camera, all of it evidence', { bytes: 7_500_000, perDay: 1440, keptRatio: 1 }],
    ['10 s at 100 kbit/s, too small to move', { bytes: 125_000, perDay: 8640, keptRatio: 0.1 }],
  ])('is what the price takes it to be: %s', (_, camera) => {
    const { bytes, perDay, keptRatio } = camera;
    const priced = storageOf(
      { bytesRead: (bytes * perDay) / 24, snapshotBytes: 0 },
      { ...RETENTION, keptRatio, segmentSeconds: 86_400 / perDay },
    );
    const months = simulate(camera);
    for (const { STANDARD, GLACIER_IR, moved } of months) {
      expect(STANDARD).toBeCloseTo(priced.standardGb, 6);
      expect(GLACIER_IR).toBeCloseTo(priced.archivedGb, 6);
      expect(moved / DAYS).toBeCloseTo((priced.archivedObjectsPerMonth / HOURS_PER_MONTH) * 24, 6);
    }
  });
});
