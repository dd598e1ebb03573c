import type {
  AnalyticsAnswer,
  AnalyticsQueryName,
  AnalyticsScope,
} from '../../core/analytics-queries';
import { type Piece, piecesOf } from '../../core/period-pieces';
import type { AnalyticsReader } from '../../core/ports';
import { onlyCameras, rollUpOf } from '../../core/roll-up';
import { answerRollUps, type RolledPiece } from '../../core/roll-up-answers';
import { DAY_MS, type DynamoRollUps, HOUR_MS, inGroups, type Share } from './dynamo-roll-ups';

/**
 * The named queries of an environment without a time series: days and hours from their roll-ups, the ends of a period
 * and what is not rolled up yet from the rows in the time index.
 */
export class DynamoAnalytics implements AnalyticsReader {
  constructor(private readonly rollUps: DynamoRollUps) {}

  async ask<Name extends AnalyticsQueryName>(
    query: Name,
    scope: AnalyticsScope,
  ): Promise<readonly AnalyticsAnswer<Name>[]> {
    const { sites, cameras } = scope;
    const only = cameras && new Set(cameras.filter((camera) => isOf(sites, camera)));
    const shares = await (only ? this.rollUps.sharesOf([...only]) : this.rollUps.shares(sites));
    const pieces = piecesFor(query, scope, await this.rollUps.rolledTo());
    const found = await inGroups(
      shares.flatMap((share) => pieces.map((piece) => ({ share, piece }))),
      ({ share, piece }) => this.read(share, piece, only),
    );
    return answerRollUps(query, found.flat(), scope);
  }

  private async read(
    share: Share,
    { spanMs, fromMs, toMs }: Piece,
    only: ReadonlySet<string> | null,
  ): Promise<RolledPiece[]> {
    if (spanMs === null) {
      const [from, to] = [new Date(fromMs).toISOString(), new Date(toMs).toISOString()];
      const rows = await this.rollUps.rows(share, from, to);
      return rows.map(({ at, row }) => ({ hour: hourOf(at), rollUp: rollUpOf(row) }));
    }
    const span = spanMs === DAY_MS ? 'day' : 'hour';
    const rolled = await Array.fromAsync(this.rollUps.rolled(share, span, { fromMs, toMs }));
    return rolled.map(({ at, rollUp }) => ({
      hour: hourOf(at),
      rollUp: only ? onlyCameras(rollUp, only) : rollUp,
    }));
  }
}

function isOf(sites: AnalyticsScope['sites'], camera: string): boolean {
  return sites === null || sites.includes(camera.split('/')[0]!);
}

/** What is rolled up by days and hours, the rest by rows. */
function piecesFor(
  query: AnalyticsQueryName,
  { from, to }: AnalyticsScope,
  rolledTo: string | null,
): Piece[] {
  const [fromMs, toMs] = [Date.parse(from), Date.parse(to)];
  const rolledMs = rolledTo === null ? fromMs : Math.min(toMs, Date.parse(rolledTo));
  const endMs = Math.max(fromMs, rolledMs);
  const spans = query === 'activity-by-hour' ? [HOUR_MS] : [DAY_MS, HOUR_MS];
  return [...piecesOf(fromMs, endMs, spans), ...piecesOf(endMs, toMs, [])];
}

/** @param at instant, or clock hour as a roll-up names it */
function hourOf(at: string): string {
  return `${at.slice(0, 13)}:00:00.000Z`;
}
