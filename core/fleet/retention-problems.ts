import type { CrossProblem, Path } from './cross-problems';
import { PRODUCT_RETENTION, PRODUCT_TIER } from './resolve';
import { type Fleet, type Layer, PRODUCT_TIERS } from './schema';

/** Each is at most the next: what is quiet goes first, the archive keeps longest. */
const ORDERED = ['quietDays', 'eventDays', 'archiveDays'] as const;
type Days = (typeof ORDERED)[number];

/** A layer's retention and where it stands; null: the product's own. */
interface LayerRetention {
  readonly path: Path | null;
  readonly days: Partial<Record<Days, unknown>>;
}
type Schedule = Fleet['sites'][string]['schedule'];

/**
 * Where a layer, over the weaker ones, keeps quiet footage longer than evidence or evidence longer than its
 * archive. A camera and a site are looked at in every tier that they may be in. Each is named once.
 */
export function retentionProblems(fleet: Partial<Fleet>): CrossProblem[] {
  const found = new Map<string, CrossProblem>();
  for (const layers of stacksOf(fleet)) {
    for (const problem of orderProblems(layers)) found.set(problem.path.join('\n'), problem);
  }
  return [...found.values()];
}

function* stacksOf(fleet: Partial<Fleet>): Generator<readonly LayerRetention[]> {
  const whole: LayerRetention[] = [
    { path: null, days: PRODUCT_RETENTION },
    { path: ['retention'], days: fleet.retention ?? {} },
  ];
  yield whole;
  const base = [...whole, layerOf(['defaults'], fleet.defaults)];
  yield base;
  const tiers = { ...PRODUCT_TIERS, ...fleet.tiers };
  const withTier = (tier: string): LayerRetention[] => [
    ...base,
    layerOf(['tiers', tier], Object.hasOwn(tiers, tier) ? tiers[tier] : undefined),
  ];
  for (const tier of Object.keys(fleet.tiers ?? {})) yield withTier(tier);
  const usual = fleet.defaults?.tier ?? PRODUCT_TIER;
  const sites = Object.entries(fleet.sites ?? {}).map(([site, entry]) => ({
    site,
    layer: layerOf(['sites', site, 'defaults'], entry?.defaults),
    tiers: tiersOf(entry?.schedule, [entry?.defaults?.tier ?? usual]),
  }));
  for (const { layer, tiers } of sites) for (const tier of tiers) yield [...withTier(tier), layer];
  const siteOf = new Map(sites.map((one) => [one.site, one]));
  const seen = new Set<string>();
  for (const [camera, entry] of Object.entries(fleet.cameras ?? {})) {
    const name = camera.split('/')[0]!;
    const site = siteOf.get(name);
    const others = entry?.tier ? [entry.tier] : (site?.tiers ?? [usual]);
    const own = layerOf(['cameras', camera], entry);
    for (const tier of tiersOf(entry?.schedule, others)) {
      // Cameras that say nothing of their own are one, of ten thousand.
      const isPlain = entry?.retention === undefined;
      if (isPlain && seen.has(`${name}/${tier}`)) continue;
      if (isPlain) seen.add(`${name}/${tier}`);
      yield [...withTier(tier), ...(site ? [site.layer] : []), own];
    }
  }
}

function tiersOf(schedule: Schedule, otherwise: readonly string[]): string[] {
  const scheduled = Array.isArray(schedule) ? schedule.map((one) => one?.tier) : [];
  return [...new Set([...scheduled, ...otherwise])];
}

function layerOf(path: Path, layer: Pick<Partial<Layer>, 'retention'> | undefined): LayerRetention {
  return { path: [...path, 'retention'], days: layer?.retention ?? {} };
}

/** Told at the stronger of the two layers that set the pair: there it can be put right. */
function* orderProblems(layers: readonly LayerRetention[]): Generator<CrossProblem> {
  for (const [index, less] of ORDERED.slice(0, -1).entries()) {
    const more = ORDERED[index + 1]!;
    const [low, high] = [strongest(layers, less), strongest(layers, more)];
    if (low === undefined || high === undefined || low.days <= high.days) continue;
    const isLow = low.at >= high.at;
    const { path } = layers[isLow ? low.at : high.at]!;
    if (path === null) continue;
    const message = isLow
      ? `expected at most ${more} (${high.days}${sourceOf(layers[high.at]!)}), found ${low.days}; lower it, or raise ${more}`
      : `expected at least ${less} (${low.days}${sourceOf(layers[low.at]!)}), found ${high.days}; raise it, or lower ${less}`;
    yield { path: [...path, isLow ? less : more], message };
  }
}

function sourceOf({ path }: LayerRetention): string {
  return path === null ? ', the product’s' : ` of ${path.join('.')}`;
}

/** What the strongest layer that says so says; undefined where that is no number. */
function strongest(
  layers: readonly LayerRetention[],
  name: Days,
): { readonly days: number; readonly at: number } | undefined {
  const at = layers.findLastIndex(({ days }) => days[name] !== undefined);
  const days = layers[at]?.days[name];
  return typeof days === 'number' ? { days, at } : undefined;
}
