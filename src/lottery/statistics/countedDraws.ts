/** Draws as statistics count them, in the order of their numbers: a range of the primary key, never more. */
import type { EntityManager } from 'typeorm';
import { LotteryFairnessEntry } from '../../../entities/lottery/LotteryFairnessEntry.ts';
import { fromSqlPoints, fromSqlTime } from '../../platform/database/sqlValues.ts';
import type { Database } from '../../platform/database/transaction.ts';
import { drawIdOf } from '../drawIds.ts';
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

/** Campaigns whose published values are remembered. */
const REMEMBERED = 200;

export class CountedDraws {
  /** Of a campaign, by version of its configuration: what each prize was worth. */
  private readonly values = new Map<number, ReadonlyMap<number, ReadonlyMap<number, number>>>();

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
    const values = await this.valuesOf(campaignId, rows);
    return rows.map((row, at) => ({
      drawNo: after + 1 + at,
      userId: row.user_id,
      prizeId: row.prize_id,
      isGuarantee: Number(row.is_guarantee) === 1,
      pointsCost: fromSqlPoints(row.points_cost),
      prizeValue: row.prize_id === null ? 0 : (values.get(row.table_version)?.get(row.prize_id) ?? 0),
      timeMs: fromSqlTime(row.draw_time),
    }));
  }

  private async valuesOf(campaignId: number, rows: readonly Row[]): Promise<Values> {
    const known = this.values.get(campaignId);
    if (known !== undefined && rows.every(({ table_version: version }) => known.has(version))) return known;
    const read = await readValues(this.database.currentReader, campaignId);
    const [oldest] = this.values.keys();
    if (this.values.size >= REMEMBERED && oldest !== undefined) this.values.delete(oldest);
    this.values.set(campaignId, read);
    return read;
  }
}

type Values = ReadonlyMap<number, ReadonlyMap<number, number>>;

/** What a draw gives is said by the version that it names, whatever the prize has become since. */
async function readValues(manager: EntityManager, campaignId: number): Promise<Values> {
  const entries = await manager.findBy(LotteryFairnessEntry, { campaign_id: campaignId, kind: 'config' });
  return new Map(
    entries.map(({ payload }) => {
      const { table_version: version, config } = JSON.parse(payload) as Published;
      const values = config.prizes.map(
        ({ prize_id: id, value }) => [id, Math.round(Number(value) * 100)] as const,
      );
      return [version, new Map(values)];
    }),
  );
}

interface Published {
  table_version: number;
  config: { prizes: { prize_id: number; value: string }[] };
}
