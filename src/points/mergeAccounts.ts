/*
 * Two accounts of one person that become one.
 *
 * What is available moves by a row of each, which are neither income nor earned, and keeps the ends it had, as in a transfer; experience
 * and debt move with it. Rows, sums and history stay where they happened: the account that ends is empty from then on, names the one
 * that stays, and nothing moves on it any more. Whoever has to count what a person has done looks at both: findPredecessors.
 */
import { In, IsNull, Not, type EntityManager } from 'typeorm';
import { PointsExperience } from '../../entities/points/PointsExperience.ts';
import { PointsLevelReached } from '../../entities/points/PointsLevelReached.ts';
import { PointsRuleUse } from '../../entities/points/PointsRuleUse.ts';
import { UserPointsAccount } from '../../entities/points/UserPointsAccount.ts';
import { insertAll, upsertAll } from '../platform/database/bulk.ts';
import type { Tx } from '../platform/database/transaction.ts';
import { AppError } from '../platform/errors.ts';
import { LIMITS } from '../platform/limits.ts';
import { moveBills } from './bills/bills.ts';
import { lockAccounts, Postings, type LockedAccount } from './ledger.ts';
import type { Levels } from './levels.ts';
import type { LotPart } from './lotBook.ts';

export interface Merging {
  /** The account that ends. */
  fromUserId: number;
  /** The account that stays. */
  intoUserId: number;
}

export interface HeldAccounts extends Merging {
  from: LockedAccount;
  into: LockedAccount;
  accounts: ReadonlyMap<number, LockedAccount>;
  /** Accounts that were merged into the one that ends. */
  earlier: readonly number[];
}

/** Both, and what was merged into the one that ends before. @throws AppError NOT_FOUND, CONFLICT for one that is merged */
export async function lockMerging(tx: Tx, merging: Merging): Promise<HeldAccounts> {
  const { fromUserId, intoUserId } = merging;
  const found = await findPredecessors(tx.manager, [fromUserId]);
  const earlier = found.map(({ userId }) => userId);
  const accounts = await lockAccounts(tx, [fromUserId, intoUserId, ...earlier]);
  const from = accounts.get(fromUserId);
  const into = accounts.get(intoUserId);
  if (from === undefined || into === undefined) throw new AppError('NOT_FOUND');
  const merged = [from, into].find(({ mergedInto }) => mergedInto !== null);
  if (merged !== undefined) throw new AppError('CONFLICT', { details: { reason: 'merged' } });
  return { ...merging, from, into, accounts, earlier };
}

/** @returns what has moved, in 1/100 points. @throws AppError CONFLICT above the largest balance */
export async function mergeAccounts(
  tx: Tx,
  { held, mergeId, levels }: { held: HeldAccounts; mergeId: number; levels: Levels },
  nowMs: number,
): Promise<number> {
  const { fromUserId, intoUserId, from, into } = held;
  const moved = await moveBalance(tx, { held, mergeId, levels }, nowMs);
  await moveLevels(tx, held);
  await moveRuleUses(tx, held);
  await moveBills(tx, held);
  const all = { user_id: In([fromUserId, ...held.earlier]) };
  await tx.manager.update(UserPointsAccount, all, { merged_into: intoUserId, has_merged: false });
  await tx.manager.update(UserPointsAccount, { user_id: intoUserId }, { has_merged: true });
  Object.assign(from, { mergedInto: intoUserId, hasMerged: false });
  Object.assign(into, { hasMerged: true });
  return moved;
}

async function moveBalance(
  tx: Tx,
  { held, mergeId, levels }: { held: HeldAccounts; mergeId: number; levels: Levels },
  nowMs: number,
): Promise<number> {
  const { fromUserId, intoUserId, from, into, accounts } = held;
  const { level: fromLevel, experiencePoints: fromExperience, debtHundredths: fromDebt } = from;
  const { level: intoLevel, experiencePoints: intoExperience, debtHundredths: intoDebt } = into;
  const postings = await Postings.open(tx, accounts, nowMs, { lotsOf: [fromUserId] });
  // What has ended by now is gone.
  const amount = postings.accountOf(fromUserId)!.availableHundredths;
  const shared = { source: 'merge', reason: 'merge', relatedId: String(mergeId) };
  const outAt = postings.add({
    ...shared,
    userId: fromUserId,
    type: 'merge_out',
    amountHundredths: 0 - amount,
  });
  const taken = postings.books.get(fromUserId)!.settle(postings.accountOf(fromUserId)!.spentTotal);
  const entry = { ...shared, userId: intoUserId, type: 'merge_in', amountHundredths: amount };
  const inAt = postings.addInLots(entry, byEnd(taken));
  postings.setDebt(fromUserId, 0);
  postings.setDebt(intoUserId, intoDebt + fromDebt);
  const experiencePoints = Math.min(intoExperience + fromExperience, LIMITS.experience);
  postings.setLevel(fromUserId, { experiencePoints: 0, level: levels.levelOf(0) });
  postings.setLevel(intoUserId, { experiencePoints, level: levels.levelOf(experiencePoints) });
  const gained = experiencePoints - intoExperience;
  await postings.storeNamed(tx, [outAt, inAt], ([outId, inId]) =>
    insertAll(
      tx,
      PointsExperience,
      [
        {
          transaction_id: outId!,
          user_id: fromUserId,
          experience: 0 - fromExperience,
          level: fromLevel,
        },
        { transaction_id: inId!, user_id: intoUserId, experience: gained, level: intoLevel },
      ].filter(({ experience }) => experience !== 0),
    ),
  );
  return amount;
}

/** One lot for all that ends at a time: whoever has drawn for years has hundreds. */
function byEnd(taken: readonly LotPart[]): { expiresAtMs: number | null; amountHundredths: number }[] {
  const byTime = Map.groupBy(taken, ({ lot }) => lot.expiresAtMs);
  return [...byTime].map(([expiresAtMs, parts]) => ({
    expiresAtMs,
    amountHundredths: parts.reduce((sum, { amount }) => sum + amount, 0),
  }));
}

/** A level is rewarded once in a life, by whichever account. */
async function moveLevels(tx: Tx, { fromUserId, intoUserId }: Merging): Promise<void> {
  const reached = await tx.manager.findBy(PointsLevelReached, { user_id: fromUserId });
  const rows = reached.map((row) => ({ ...row, user_id: intoUserId }));
  await upsertAll(tx, PointsLevelReached, rows, { reached_at: ({ stored }) => stored('reached_at') });
}

/** The caps of rules count what both were granted (RP-11). */
async function moveRuleUses(tx: Tx, { fromUserId, intoUserId }: Merging): Promise<void> {
  const uses = await tx.manager.findBy(PointsRuleUse, { user_id: fromUserId });
  const rows = uses.map((row) => ({ ...row, user_id: intoUserId }));
  await upsertAll(tx, PointsRuleUse, rows, {
    granted: ({ stored, given }) => `ROUND(${stored('granted')} + ${given('granted')}, 2)`,
  });
}

/** An account that was merged into another. */
export interface Predecessor {
  userId: number;
  survivorId: number;
  historyTotalHundredths: number;
}

/** All that were merged into these, also by others between them; in the order of their ids. */
export async function findPredecessors(
  manager: EntityManager,
  survivorIds: readonly number[],
): Promise<Predecessor[]> {
  if (survivorIds.length === 0) return [];
  const rows = await manager.find(UserPointsAccount, {
    select: { account_id: true, user_id: true, merged_into: true, history_total_points: true },
    where: { merged_into: In([...survivorIds]) },
    order: { user_id: 'ASC' },
  });
  return rows.map((row) => ({
    userId: row.user_id,
    survivorId: row.merged_into!,
    historyTotalHundredths: row.history_total_points,
  }));
}

/** Who has now what a user had: themself, unless their account was merged. */
export async function survivorOf(manager: EntityManager, userId: number): Promise<number> {
  const row = await manager.findOne(UserPointsAccount, {
    select: { account_id: true, merged_into: true },
    where: { user_id: userId },
  });
  return row?.merged_into ?? userId;
}

/** As `survivorOf`: of those whose accounts were merged. */
export async function survivorsOf(
  manager: EntityManager,
  userIds: readonly number[],
): Promise<ReadonlyMap<number, number>> {
  if (userIds.length === 0) return new Map();
  const rows = await manager.find(UserPointsAccount, {
    select: { account_id: true, user_id: true, merged_into: true },
    where: { user_id: In([...userIds]), merged_into: Not(IsNull()) },
  });
  return new Map(rows.map(({ user_id: userId, merged_into: into }) => [userId, into!]));
}
