/**
 * What is left of each prize: taken by draws, changed by operators and by what expires. A published campaign's is changed by its
 * owner alone, and its log tells of each change of what can be won, so that whoever replays it decides on the same stock.
 */
import { In } from 'typeorm';
import type { LotteryCampaign } from '../../entities/lottery/LotteryCampaign.ts';
import { LotteryPrize } from '../../entities/lottery/LotteryPrize.ts';
import { recordAction } from '../admin/adminLog.ts';
import { sqlTime } from '../platform/database/sqlValues.ts';
import type { Tx } from '../platform/database/transaction.ts';
import { AppError } from '../platform/errors.ts';
import { emitEvents, type NewEvent } from '../platform/events/outbox.ts';
import { tellFigures } from './liveFigures.ts';
import { leftToWin, shownStock } from './leftToWin.ts';
import { lowStockEvents } from './lowStock.ts';
import { lockOwned, saveOwned, type OwnedChange } from './ownership.ts';
import { appendEntries, type NewEntry, type Pool } from './pool.ts';

/** The most that the columns take. */
const MOST = 2_000_000_000;

/**
 * Takes won prizes from their stock, and from their pools the codes that they are given; the statement itself refuses to go below
 * zero (DRAW-3, RL-10). @throws RowCountError
 */
export async function takeStock(
  tx: Tx,
  { campaignId, codesGiven }: Pick<Pool, 'campaignId' | 'codesGiven'>,
  won: ReadonlyMap<number, number>,
  nowMs: number,
): Promise<void> {
  if (won.size === 0) return;
  const ids = [...won.keys()].sort((a, b) => a - b);
  const coded = ids.filter((id) => codesGiven.has(id));
  const { sql: cases, values: counts } = casesOf(ids.map((id) => [id, won.get(id)!]));
  const codes = casesOf(coded.map((id) => [id, won.get(id)!]));
  const given = coded.length === 0 ? '' : `codes_given = codes_given + COALESCE(${codes.sql}, 0), `;
  const guard = coded.length === 0 ? '' : ` AND codes_total - codes_given >= COALESCE(${codes.sql}, 0)`;
  await tx.executeExactly(
    ids.length,
    `UPDATE lottery_prizes
     SET remaining_quantity = remaining_quantity - ${cases}, won_quantity = won_quantity + ${cases}, ${given}updated_at = ?
     WHERE campaign_id = ? AND prize_id IN (?) AND (remaining_quantity IS NULL OR remaining_quantity >= ${cases})${guard}`,
    [...counts, ...counts, ...codes.values, sqlTime(nowMs), campaignId, ids, ...counts, ...codes.values],
  );
}

/** A value for each prize; null for others. */
function casesOf(values: readonly (readonly [prizeId: number, value: number | null])[]): {
  sql: string;
  values: (number | null)[];
} {
  return { sql: `CASE prize_id ${values.map(() => 'WHEN ? THEN ?').join(' ')} END`, values: values.flat() };
}

export interface StockChange {
  prizeId: number;
  delta: number;
}

/** Returns what can be won from now on. @throws AppError NOT_FOUND, CONFLICT below what is won, or where it is unlimited */
export async function adjustStock(
  tx: Tx,
  change: OwnedChange,
  { prizeId, delta }: StockChange,
): Promise<number> {
  const campaign = await lockOwned(tx, change);
  const prize = await findPrize(tx, { campaignId: change.campaignId, prizeId });
  const remaining = await moveStock(tx, { campaign, prize, delta }, change);
  await saveOwned(tx, campaign, change.nowMs);
  return remaining;
}

/** @throws AppError NOT_FOUND */
export async function findPrize(
  tx: Tx,
  { campaignId, prizeId }: { campaignId: number; prizeId: number },
): Promise<LotteryPrize> {
  const prize = await tx.manager.findOneBy(LotteryPrize, { prize_id: prizeId, campaign_id: campaignId });
  if (prize === null) throw new AppError('NOT_FOUND');
  return prize;
}

/** Of a campaign that is locked, and saved afterwards. @throws as `adjustStock` */
export async function moveStock(
  tx: Tx,
  { campaign, prize, delta }: { campaign: LotteryCampaign; prize: LotteryPrize; delta: number },
  { actor, nowMs }: Pick<OwnedChange, 'actor' | 'nowMs'>,
): Promise<number> {
  if (prize.remaining_quantity === null || prize.total_quantity === null) {
    throw new AppError('CONFLICT', { details: { reason: 'the stock of this prize is unlimited' } });
  }
  const before = { remaining: prize.remaining_quantity };
  const after = { remaining: prize.remaining_quantity + delta };
  await writeStock(tx, { campaign, nowMs }, [{ prize, remaining: after.remaining }]);
  if (actor !== undefined) {
    const target = { type: 'prize', id: prize.prize_id };
    await recordAction(tx, { actor, action: 'prize.stock', target, before, after }, nowMs);
  }
  return leftToWin(prize)!;
}

/**
 * Brings prizes back that were won and not claimed: there is so much more of them, so that total = remaining + won goes on
 * holding. Their coupons do not come back to a pool. Locks the campaign and saves it: whoever calls holds no copy of its row.
 */
export async function returnStock(
  tx: Tx,
  change: OwnedChange,
  counts: ReadonlyMap<number, number>,
): Promise<void> {
  const campaign = await lockOwned(tx, change);
  const prizes = await tx.manager.find(LotteryPrize, {
    where: { campaign_id: change.campaignId, prize_id: In([...counts.keys()]) },
    order: { prize_id: 'ASC' },
  });
  const returned = prizes.flatMap((prize) => {
    const { remaining_quantity: remaining, prize_id } = prize;
    return remaining === null ? [] : { prize, remaining: remaining + (counts.get(prize_id) ?? 0) };
  });
  await writeStock(tx, { campaign, nowMs: change.nowMs }, returned);
  await saveOwned(tx, campaign, change.nowMs);
}

export interface NewTotal {
  prize: LotteryPrize;
  /** Of what is won and what is not; null: unlimited. */
  total: number | null;
}

/**
 * Gives prizes other totals, before a configuration that has them is published: the log has an entry of each that is limited before
 * and after, and the configuration tells of the others. The campaign is locked, and saved afterwards.
 * @throws AppError CONFLICT below what is won
 */
export async function changeStockTo(
  tx: Tx,
  owned: { campaign: LotteryCampaign; nowMs: number },
  totals: readonly NewTotal[],
): Promise<void> {
  const changed = totals.filter(({ prize, total }) => prize.total_quantity !== total);
  await writeStock(
    tx,
    owned,
    changed.map(({ prize, total }) => ({
      prize,
      remaining: total === null ? null : total - prize.won_quantity,
    })),
  );
}

export interface NewStock {
  prize: LotteryPrize;
  /** null: unlimited. */
  remaining: number | null;
  /** Absent: as before. */
  codesTotal?: number;
}

/**
 * Writes what prizes of one campaign have from now on, also into `prize`, and where the campaign is published tells its log. The
 * campaign is locked, and saved afterwards. @throws AppError CONFLICT
 */
export async function writeStock(
  tx: Tx,
  { campaign, nowMs }: { campaign: LotteryCampaign; nowMs: number },
  changed: readonly NewStock[],
): Promise<void> {
  if (changed.length === 0) return;
  const entries: NewEntry[] = [];
  const events: NewEvent[] = [];
  for (const { prize, remaining, codesTotal = prize.codes_total } of changed) {
    const before = shownStock(prize);
    const total = remaining === null ? null : remaining + prize.won_quantity;
    if (remaining !== null && (remaining < 0 || total! > MOST)) {
      throw new AppError('CONFLICT', { details: { remaining: prize.remaining_quantity } });
    }
    Object.assign(prize, { remaining_quantity: remaining, total_quantity: total, codes_total: codesTotal });
    const after = shownStock(prize);
    const { campaign_id: campaignId } = campaign;
    events.push(...lowStockEvents({ campaignId, prizeId: prize.prize_id, before, after }));
    if (before.remaining === null || after.remaining === null || before.remaining === after.remaining)
      continue;
    const payload = {
      prize_id: prize.prize_id,
      delta: after.remaining - before.remaining,
      remaining: after.remaining,
    };
    entries.push({ entry: { kind: 'stock', ...payload }, payload });
  }
  await updatePrizes(
    tx,
    changed.map(({ prize }) => prize),
    nowMs,
  );
  // Nobody has been told of a draft.
  if (campaign.log_no === 0) return;
  tellFigures(tx, campaign.campaign_id);
  await appendEntries(tx, campaign, nowMs, entries);
  await emitEvents(tx, events, nowMs);
}

async function updatePrizes(tx: Tx, prizes: readonly LotteryPrize[], nowMs: number): Promise<void> {
  const ids = prizes.map(({ prize_id }) => prize_id).sort((a, b) => a - b);
  const columns = ['remaining_quantity', 'total_quantity', 'codes_total'] as const;
  const cases = columns.map((column) => casesOf(prizes.map((prize) => [prize.prize_id, prize[column]])));
  const assignments = columns.map((column, at) => `${column} = ${cases[at]!.sql}`);
  await tx.executeExactly(
    ids.length,
    `UPDATE lottery_prizes SET ${assignments.join(', ')}, updated_at = ? WHERE prize_id IN (?)`,
    [...cases.flatMap(({ values }) => values), sqlTime(nowMs), ids],
  );
}
