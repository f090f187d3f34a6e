/** Draws as statistics count them, in the order of their numbers: a range of the primary key, never more. */
import { fromSqlPoints, fromSqlTime } from '../../platform/database/sqlValues.ts';
import type { Database } from '../../platform/database/transaction.ts';
import { drawIdOf } from '../drawIds.ts';
import { readPublishedPrizes, type PublishedPrizes } from '../publishedPrizes.ts';
import type { CountedDraw } from './tally.ts';

interface Row {
  draw_id: number | string;
  user_id: number;
  prize_id: number | null;
  is_guarantee: number | boolean;
  table_version: number;
  points_cost: number | string;
  draw_time: Date | string;
}

export interface DrawRange {
  campaignId: number;
  /** The number before the first one. */
  after: number;
  to: number;
}

type Versions = ReadonlyMap<number, PublishedPrizes>;

/** Campaigns whose published prizes are remembered. */
const REMEMBERED = 200;

export class CountedDraws {
  /** Of a campaign, by version of its configuration: what a draw gives is said by the one that it names. */
  private readonly published = new Map<number, Versions>();

  constructor(private readonly database: Database) {}

  /** All of a range, which exist. They never change, so that it does not matter when they are read. */
  async read({ campaignId, after, to }: DrawRange): Promise<CountedDraw[]> {
    if (to <= after) return [];
    const rows = await this.database.readCurrent<Row>(
      `SELECT draw_id, user_id, prize_id, is_guarantee, table_version, points_cost, draw_time FROM lottery_draws
       WHERE draw_id > ? AND draw_id <= ? ORDER BY draw_id`,
      [drawIdOf(campaignId, after), drawIdOf(campaignId, to)],
    );
    if (rows.length !== to - after)
      throw new Error(`campaign ${campaignId} has ${rows.length} draws from ${after + 1} to ${to}`);
    const versions = await this.versionsOf(campaignId, rows);
    return rows.map((row, at) => ({
      drawNo: after + 1 + at,
      userId: row.user_id,
      prizeId: row.prize_id,
      isGuarantee: Number(row.is_guarantee) === 1,
      pointsCost: fromSqlPoints(row.points_cost),
      prizeValue:
        row.prize_id === null ? 0 : (versions.get(row.table_version)?.get(row.prize_id)?.value ?? 0),
      timeMs: fromSqlTime(row.draw_time),
    }));
  }

  private async versionsOf(campaignId: number, rows: readonly Row[]): Promise<Versions> {
    const known = this.published.get(campaignId);
    if (known !== undefined && rows.every(({ table_version: version }) => known.has(version))) return known;
    const read = await readPublishedPrizes(this.database.currentReader, campaignId);
    const [oldest] = this.published.keys();
    if (this.published.size >= REMEMBERED && oldest !== undefined) this.published.delete(oldest);
    this.published.set(campaignId, read);
    return read;
  }
}
