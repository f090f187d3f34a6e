/** People who are known by their number before they have logged in for the first time. */
import { In } from 'typeorm';
import { User } from '../../../entities/identity/User.ts';
import { insertAll } from '../../platform/database/bulk.ts';
import type { Tx } from '../../platform/database/transaction.ts';
import { openAccounts } from '../../points/ledger.ts';
import { USER, userOf, type UserRecord } from '../login/store.ts';

export interface Newcomer {
  mobile: string;
  /** Empty: as whoever registers themself is called. */
  nickname: string;
}

/** Locked, in the order of their ids, by their numbers. */
export async function lockUsersByMobile(
  tx: Tx,
  mobiles: readonly string[],
): Promise<Map<string, UserRecord>> {
  if (mobiles.length === 0) return new Map();
  const users = await tx.lock(User, {
    select: USER,
    where: { mobile: In([...mobiles]) },
    order: { user_id: 'ASC' },
  });
  return new Map(users.map((user) => [user.mobile, userOf(user)]));
}

/**
 * With an empty account each, by a number of statements that does not grow with them. The unique index refuses a number that somebody
 * has registered meanwhile.
 * @returns their ids, by number
 */
export async function registerMany(
  tx: Tx,
  newcomers: readonly Newcomer[],
  nowMs: number,
): Promise<Map<string, number>> {
  if (newcomers.length === 0) return new Map();
  const at = new Date(nowMs);
  const times = { registration_date: at, created_at: at, updated_at: at };
  await insertAll(
    tx,
    User,
    newcomers.map((newcomer) => ({ ...newcomer, ...times })),
  );
  const users = await tx.manager.find(User, {
    select: { user_id: true, mobile: true, nickname: true },
    where: { mobile: In(newcomers.map(({ mobile }) => mobile)) },
  });
  const nameless = users.filter(({ nickname }) => nickname === '').map(({ user_id: userId }) => userId);
  if (nameless.length > 0) {
    const name = tx.dialect === 'mysql' ? "CONCAT('食客', user_id)" : "'食客' || user_id";
    await tx.manager.update(User, { user_id: In(nameless) }, { nickname: () => name });
  }
  await openAccounts(
    tx,
    users.map(({ user_id: userId }) => userId),
    nowMs,
  );
  return new Map(users.map(({ user_id: userId, mobile }) => [mobile, userId]));
}
