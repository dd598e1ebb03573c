import { PRODUCT_RETENTION } from './resolve';
import type { Fleet } from './schema';

/** Items live this much longer than their footage (contracts 12). */
const EXTRA_DAYS = 30;

/**
 * How long items without and with presences live (days), so that footage which is there always has its row: a segment
 * without one counts as never analysed.
 * @param deletesQuiet whether quiet footage goes after `quietDays`; else it lives as long as evidence
 */
export function itemDays(
  { retention, defaults, tiers, sites, cameras }: Fleet,
  { deletesQuiet }: { readonly deletesQuiet: boolean },
): { readonly quiet: number; readonly evidence: number } {
  const layers = [
    PRODUCT_RETENTION,
    retention,
    defaults.retention,
    ...Object.values(tiers).map((tier) => tier.retention),
    ...Object.values(sites).map((site) => site.defaults?.retention),
    ...Object.values(cameras).map((camera) => camera.retention),
  ];
  const { archiveDays = PRODUCT_RETENTION.archiveDays, eventDays = PRODUCT_RETENTION.eventDays } =
    retention ?? {};
  const evidence = Math.max(archiveDays, eventDays + 1) + EXTRA_DAYS;
  const quietDays = layers.reduce((most, layer) => Math.max(most, layer?.quietDays ?? 0), 0);
  return { quiet: deletesQuiet ? Math.min(quietDays + EXTRA_DAYS, evidence) : evidence, evidence };
}
