/** Draws as lists have them. */
import { In } from 'typeorm';
import { LotteryCampaign } from '../../entities/lottery/LotteryCampaign.ts';
import type { LotteryDraw } from '../../entities/lottery/LotteryDraw.ts';
import { LotteryPrize } from '../../entities/lottery/LotteryPrize.ts';
import { fromSqlPoints, fromSqlTime, sqlPoints } from '../platform/database/sqlValues.ts';
import type { Database } from '../platform/database/transaction.ts';
import { toWireTime } from '../platform/shapes.ts';
import { readPrizesOfThen, type PublishedPrizes } from './publishedPrizes.ts';
import type { DrawnRecord } from './views.ts';

/** Where a draw stands in a history. Clocks step back, so the time alone may be that of several draws apart. */
export interface DrawPlace {
  drawnAtMs: number;
  drawId: number;
}

export type DrawnRow = Record<string, string | number | Date | null>;

/**
 * Draws with what they gave.
 * @param listed a query of their ids alone, which an index answers
 */
export function drawnRowsSql(listed: string, order: string): string {
  return `SELECT d.*, p.prize_name, p.prize_type, p.prize_value, c.table_version AS present_version
     FROM (${listed}) listed
     JOIN lottery_draws d ON d.draw_id = listed.draw_id
     JOIN lottery_campaigns c ON c.campaign_id = d.campaign_id
     LEFT JOIN lottery_prizes p ON p.prize_id = d.prize_id
     ORDER BY ${order}`;
}

export function placeOf(row: DrawnRow): DrawPlace {
  return { drawnAtMs: fromSqlTime(row['draw_time'] as Date | string), drawId: Number(row['draw_id']) };
}

/** As histories have them: newest first. */
export function byPlace(a: DrawnRow, b: DrawnRow): number {
  const [one, other] = [placeOf(a), placeOf(b)];
  return other.drawnAtMs - one.drawnAtMs || other.drawId - one.drawId;
}

/** Of two looks at them, one after the other. What both have found is one draw. */
export function mergedRows(
  rows: readonly DrawnRow[],
  others: readonly DrawnRow[],
  order: (a: DrawnRow, b: DrawnRow) => number,
): DrawnRow[] {
  const known = new Set(rows.map((row) => Number(row['draw_id'])));
  return [...rows, ...others.filter((row) => !known.has(Number(row['draw_id'])))].sort(order);
}

/** As `drawnRowsSql` selects them. */
export async function drawnRowsOf(
  { currentReader }: Database,
  draws: readonly LotteryDraw[],
): Promise<DrawnRow[]> {
  if (draws.length === 0) return [];
  const idsOf = (ids: readonly (number | null)[]) => In([...new Set(ids.filter((id) => id !== null))]);
  const [campaigns, prizes] = await Promise.all([
    currentReader.find(LotteryCampaign, {
      select: { campaign_id: true, table_version: true },
      where: { campaign_id: idsOf(draws.map((draw) => draw.campaign_id)) },
    }),
    currentReader.findBy(LotteryPrize, { prize_id: idsOf(draws.map((draw) => draw.prize_id)) }),
  ]);
  const versions = new Map(campaigns.map((one) => [one.campaign_id, one.table_version]));
  const prizeOf = new Map(prizes.map((prize) => [prize.prize_id, prize]));
  return draws.map((draw) => {
    const prize = draw.prize_id === null ? undefined : prizeOf.get(draw.prize_id);
    return {
      ...draw,
      is_winner: Number(draw.is_winner),
      is_guarantee: Number(draw.is_guarantee),
      points_cost: sqlPoints(draw.points_cost),
      prize_name: prize?.prize_name ?? null,
      prize_type: prize?.prize_type ?? null,
      prize_value: prize === undefined ? null : sqlPoints(prize.prize_value),
      present_version: versions.get(draw.campaign_id)!,
    };
  });
}

/** With what was won as it was called when it was won. */
export async function toDrawnRecords(
  { currentReader }: Database,
  rows: readonly DrawnRow[],
): Promise<DrawnRecord[]> {
  const ofThen = await readPrizesOfThen(
    currentReader,
    rows.map((row) => ({
      campaignId: Number(row['campaign_id']),
      version: Number(row['table_version']),
      presentVersion: Number(row['present_version']),
    })),
  );
  return rows.map((row) =>
    toDrawnRecord(row, ofThen.get(Number(row['campaign_id']))?.get(Number(row['table_version']))),
  );
}

function toDrawnRecord(row: DrawnRow, ofThen: PublishedPrizes | undefined): DrawnRecord {
  return {
    draw_id: Number(row['draw_id']),
    draw_no: Number(row['draw_no']),
    campaign_id: Number(row['campaign_id']),
    request_id: String(row['request_id']),
    is_winner: row['prize_id'] !== null,
    is_guarantee: Number(row['is_guarantee']) === 1,
    prize: row['prize_id'] === null ? null : wonPrize(row, ofThen),
    points_cost: fromSqlPoints(Number(row['points_cost'])) / 100,
    drawn_at: toWireTime(fromSqlTime(row['draw_time'] as Date | string)),
  };
}

function wonPrize(row: DrawnRow, ofThen: PublishedPrizes | undefined): NonNullable<DrawnRecord['prize']> {
  const prizeId = Number(row['prize_id']);
  const { name, type, value } = ofThen?.get(prizeId) ?? {
    name: String(row['prize_name']),
    type: String(row['prize_type']),
    value: fromSqlPoints(Number(row['prize_value'])),
  };
  return { prize_id: prizeId, name, type, value: value / 100 };
}
