import type { Database } from '../database/transaction.ts';
import { AppError } from '../errors.ts';
import { readLevel } from '../points/account.ts';
import { findUser, lockUser, updateProfile, type UserRecord } from './store.ts';

/** A user and their level, for themself: the mobile is in full. */
export interface Profile {
  user: UserRecord;
  level: number;
}

/** Absent: stays as it is. */
export interface ProfileChange {
  nickname?: string | undefined;
  avatarUrl?: string | null | undefined;
}

/** @throws AppError UNAUTHENTICATED when the token's user does not exist. */
export async function readProfile(database: Database, userId: number): Promise<Profile> {
  // Of the primary: who has just changed their profile is told so.
  const read = database.readCurrent.bind(database);
  const user = await findUser(read, userId);
  if (user === undefined) throw new AppError('UNAUTHENTICATED');
  return { user, level: await readLevel(read, userId) };
}

/** @throws AppError UNAUTHENTICATED when the token's user does not exist. */
export async function changeProfile(
  database: Database,
  userId: number,
  change: ProfileChange,
  nowMs: number,
): Promise<Profile> {
  return database.retryingTransaction(async (tx) => {
    const before = await lockUser(tx, userId);
    if (before === undefined) throw new AppError('UNAUTHENTICATED');
    const { nickname = before.nickname, avatarUrl = before.avatarUrl } = change;
    const user = { ...before, nickname, avatarUrl };
    await updateProfile(tx, user, nowMs);
    return { user, level: await readLevel(tx.query, userId) };
  });
}
