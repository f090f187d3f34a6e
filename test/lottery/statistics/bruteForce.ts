/** Statistics worked out from all draws at once, without the product's code but for what a business day is. */
import { DateTime } from 'luxon';
import { LotteryDraw } from '../../../entities/lottery/LotteryDraw.ts';
import { insertAll } from '../../../src/platform/database/bulk.ts';
import type { Database } from '../../../src/platform/database/transaction.ts';

export interface PlayedDraw {
  userId: number;
  prizeId: number | null;
  isGuarantee: boolean;
  pointsCost: number;
  timeMs: number;
}

export interface Sum {
  draws: number;
  wins: number;
  guaranteeWins: number;
  freeDraws: number;
  spent: number;
  given: number;
  participants: number;
  newcomers: number;
}

export const ZONE = 'Asia/Shanghai';
export const at = (timeMs: number) => DateTime.fromMillis(timeMs, { zone: ZONE });
export const dayOf = (timeMs: number) => at(timeMs).toFormat('yyyy-MM-dd');

/** By period and its beginning. Of an hour nobody counts people. */
export function sumsOf(draws: readonly PlayedDraw[], values: ReadonlyMap<number, number>): Map<string, Sum> {
  const sums = new Map<string, Sum & { people: Set<number> }>();
  const met = new Set<number>();
  for (const { userId, prizeId, isGuarantee, pointsCost, timeMs } of draws) {
    const moment = at(timeMs);
    const isFirst = !met.has(userId);
    met.add(userId);
    for (const key of [
      `hour ${moment.startOf('hour').toUTC().toFormat("yyyy-MM-dd'T'HH:mm'Z'")}`,
      ...(['day', 'week', 'month'] as const).map(
        (unit) => `${unit} ${moment.startOf(unit).toFormat('yyyy-MM-dd')}`,
      ),
      'all ',
    ]) {
      const sum = sums.get(key) ?? {
        ...{ draws: 0, wins: 0, guaranteeWins: 0, freeDraws: 0, spent: 0, given: 0 },
        ...{ participants: 0, newcomers: 0, people: new Set<number>() },
      };
      sum.draws += 1;
      sum.wins += prizeId === null ? 0 : 1;
      sum.guaranteeWins += isGuarantee ? 1 : 0;
      sum.freeDraws += pointsCost === 0 ? 1 : 0;
      sum.spent += pointsCost;
      sum.given += prizeId === null ? 0 : values.get(prizeId)!;
      sum.newcomers += isFirst ? 1 : 0;
      sum.people.add(userId);
      sums.set(key, sum);
    }
  }
  return new Map(
    [...sums].map(([key, { people, ...sum }]) => [
      key,
      { ...sum, participants: key.startsWith('hour') ? 0 : people.size },
    ]),
  );
}

/** Of those whose first draw was on a day, how many drew so many days later. */
export function returnedOf(draws: readonly PlayedDraw[], days: number): Map<string, number> {
  const first = new Map<number, string>();
  const drawn = new Set<string>();
  for (const { userId, timeMs } of draws) {
    if (!first.has(userId)) first.set(userId, dayOf(timeMs));
    drawn.add(`${userId} ${dayOf(timeMs)}`);
  }
  const returned = new Map<string, number>();
  for (const [userId, day] of first) {
    const later = DateTime.fromISO(day, { zone: 'utc' }).plus({ days }).toFormat('yyyy-MM-dd');
    if (drawn.has(`${userId} ${later}`)) returned.set(day, (returned.get(day) ?? 0) + 1);
  }
  return returned;
}

/** Stores draws as the owner of the campaign would, with its number moved, and nothing else of them. */
export async function storeDraws(
  database: Database,
  { campaignId, after }: { campaignId: number; after: number },
  draws: readonly PlayedDraw[],
): Promise<void> {
  const rows = draws.map((draw, index): LotteryDraw => {
    const drawNo = after + 1 + index;
    return {
      ...{
        draw_id: campaignId * 1e10 + drawNo,
        campaign_id: campaignId,
        draw_no: drawNo,
        log_no: 10 + drawNo,
      },
      ...{ user_id: draw.userId, request_id: `r${drawNo}`, client_seed: 's', fairness_epoch: 1 },
      ...{ table_version: 1, level_bp: 0, period_bp: 0, pity_bp: 0, streak_before: 0, roll: 1 },
      ...{ interval_from: 0, interval_to: 2, rolled_prize_id: draw.prizeId, prize_id: draw.prizeId },
      ...{ is_winner: draw.prizeId !== null, is_guarantee: draw.isGuarantee, points_cost: draw.pointsCost },
      ...{ chain_hash: '0'.repeat(64), draw_time: new Date(draw.timeMs) },
    };
  });
  await database.transaction(async (tx) => {
    await insertAll(tx, LotteryDraw, rows);
    await tx.execute('UPDATE lottery_campaigns SET draw_no = ? WHERE campaign_id = ?', [
      after + draws.length,
      campaignId,
    ]);
  });
}
