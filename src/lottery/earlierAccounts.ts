/** What people have done by accounts that were merged into theirs, as far as it decides whether and how often they draw. */
import type { Database, Tx } from '../platform/database/transaction.ts';
import { findPredecessors } from '../points/mergeAccounts.ts';
import { findCounters, findDiners, type Counter, type FoundDiner } from './counters.ts';

/** Of one person. */
export interface EarlierAccounts {
  userIds: readonly number[];
  counters: readonly Counter[];
  diners: readonly FoundDiner[];
  historyTotalHundredths: number;
}

/** By who has them now. Nothing is drawn by them any more, so nothing of them changes. */
export async function findEarlier(
  tx: Pick<Tx, 'manager' | 'query'>,
  campaignId: number,
  survivorIds: readonly number[],
): Promise<ReadonlyMap<number, EarlierAccounts>> {
  const found = await findPredecessors(tx.manager, survivorIds);
  if (found.length === 0) return new Map();
  const userIds = found.map(({ userId }) => userId);
  const { counters, diners } = await findDiners(tx, campaignId, userIds);
  const ofOne = Map.groupBy(found, ({ survivorId }) => survivorId);
  return new Map(
    [...ofOne].map(([survivorId, accounts]) => {
      const ids = new Set(accounts.map(({ userId }) => userId));
      const earlier = {
        userIds: [...ids],
        counters: counters.filter(({ userId }) => ids.has(userId)),
        diners: [...ids].flatMap((userId) => diners.get(userId) ?? []),
        historyTotalHundredths: accounts.reduce((sum, one) => sum + one.historyTotalHundredths, 0),
      };
      return [survivorId, earlier];
    }),
  );
}

/** The counters alone, for whoever looks outside of a draw. */
export async function readEarlierCounters(
  database: Database,
  campaignId: number,
  survivorIds: readonly number[],
): Promise<ReadonlyMap<number, readonly Counter[]>> {
  const found = await findPredecessors(database.currentReader, survivorIds);
  if (found.length === 0) return new Map();
  const survivorOf = new Map(found.map(({ userId, survivorId }) => [userId, survivorId]));
  const reader = { query: database.readCurrent.bind(database) };
  const counters = await findCounters(reader, campaignId, [...survivorOf.keys()]);
  return Map.groupBy(counters, ({ userId }) => survivorOf.get(userId)!);
}
