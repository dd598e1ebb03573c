import type { InfraConfig } from '../infra-config';

/** What is wrong between keys: where to put it right, and what stood there. */
export interface Broken {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** Keys that are right by themselves; the others are absent. */
type Known = Partial<InfraConfig>;
type Rule = (config: Known) => Iterable<Broken>;

/** Every rule between keys that is broken, as far as the keys that it is about are right by themselves. */
export function brokenRules(config: Known): Broken[] {
  return RULES.flatMap((rule) => [...rule(config)]);
}

function* modelNamesItsSum({ model }: Known): Generator<Broken> {
  if (!model?.bundle.startsWith('s3://') || model.sha256 !== undefined) return;
  yield {
    path: ['model', 'sha256'],
    message:
      'expected the sha256 of the archive, found nothing; write what "pulumi stack output model" told of it',
  };
}

function* liveAnalyticsIsAcknowledged(config: Known): Generator<Broken> {
  const { analytics, acknowledgesLiveAnalyticsClosed } = config;
  if (analytics !== 'live-analytics' || acknowledgesLiveAnalyticsClosed !== false) return;
  yield {
    path: ['analytics'],
    message:
      'expected "influxdb" or "none", found "live-analytics", which AWS closed to new accounts on 2025-06-20; write "influxdb", or set tierwatch:acknowledgesLiveAnalyticsClosed: true if this account had it before',
  };
}

function* rollUpsAreOfLiveAnalytics({ analytics, hasLiveRollUps }: Known): Generator<Broken> {
  if (!hasLiveRollUps || analytics === undefined || analytics === 'live-analytics') return;
  yield {
    path: ['hasLiveRollUps'],
    message: `expected false with analytics "${analytics}", found true; take it away: only live-analytics has scheduled queries`,
  };
}

function* pagePlaysFootage({ page, footageKeys, existingFootageBucket }: Known): Generator<Broken> {
  if (page !== 'cloudfront') return;
  if (existingFootageBucket) {
    yield {
      path: ['page'],
      message: `expected "none" with existingFootageBucket, found "${page}"; write none: only your own bucket’s policy can let CloudFront read it`,
    };
  } else if (!footageKeys) {
    yield {
      path: ['footageKeys'],
      message:
        'expected a public key with page "cloudfront", found nothing: footage plays by signed cookies; make a key with "openssl genrsa -out key.pem 2048" and write its public half, "openssl rsa -in key.pem -pubout"',
    };
  }
}

function* warmStaysBelowTheMost(config: Known): Generator<Broken> {
  const { provisionedConcurrency: warm, detectMaxConcurrency: most, maxWarm } = config;
  if (most === undefined) return;
  if (maxWarm !== undefined) yield* atMost(['maxWarm'], maxWarm, ['detectMaxConcurrency', most]);
  if (warm === undefined || warm === 'none') return;
  const path = ['provisionedConcurrency'];
  yield* atMost([...path, 'min'], warm.min, ['provisionedConcurrency.max', warm.max]);
  yield* atMost([...path, 'max'], warm.max, ['detectMaxConcurrency', most]);
  for (const [index, { min, max }] of warm.schedules.entries()) {
    const of = [...path, 'schedules', index];
    yield* atMost([...of, 'min'], min, [[...of, 'max'].join('.'), max]);
    yield* atMost([...of, 'max'], max, ['detectMaxConcurrency', most]);
  }
}

function* gpuStaysBelowTheMost({ gpu }: Known): Generator<Broken> {
  if (!gpu) return;
  const most = ['gpu.maxInstances', gpu.maxInstances] as const;
  yield* atMost(['gpu', 'minInstances'], gpu.minInstances, most);
  for (const [index, { min, max }] of gpu.schedules.entries()) {
    const of = ['gpu', 'schedules', index];
    yield* atMost([...of, 'min'], min, [[...of, 'max'].join('.'), max]);
    yield* atMost([...of, 'max'], max, most);
  }
}

function* autoHasNoHours({ gpu }: Known): Generator<Broken> {
  if (gpu?.lane !== 'auto' || gpu.power === undefined) return;
  yield {
    path: ['gpu', 'power'],
    message:
      'expected none with lane: auto, which starts and stops the endpoint itself, found some; take power away, or write lane: on',
  };
}

function* atMost(
  path: readonly (string | number)[],
  value: number,
  [name, most]: readonly [name: string, most: number],
): Generator<Broken> {
  if (value <= most) return;
  yield {
    path,
    message: `expected at most ${name} (${most}), found ${value}; lower it, or raise ${name}`,
  };
}

const RULES: readonly Rule[] = [
  modelNamesItsSum,
  liveAnalyticsIsAcknowledged,
  rollUpsAreOfLiveAnalytics,
  pagePlaysFootage,
  warmStaysBelowTheMost,
  gpuStaysBelowTheMost,
  autoHasNoHours,
];
