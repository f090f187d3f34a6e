import { holdImages } from '../../images/uses.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Database } from '../../platform/database/transaction.ts';
import { AppError } from '../../platform/errors.ts';
import { tellPeople } from '../../platform/sync.ts';
import { readLevel } from '../../points/account.ts';
import type { AccessControl } from '../access/accessControl.ts';
import { lockAccess, recordAccessChanges } from '../access/accessFeed.ts';
import { checkBirthday } from './birthdays.ts';
import { findUser, lockUser, updateProfile, type UserRecord } from '../login/store.ts';

/** A user and their level, for themself: the mobile is in full. */
export interface Profile {
  user: UserRecord;
  level: number;
}

/** Absent: stays as it is. */
export interface ProfileChange {
  nickname?: string | undefined;
  avatarUrl?: string | null | undefined;
  /** YYYY-MM-DD; told once. */
  birthday?: string | undefined;
}

/** @throws AppError UNAUTHENTICATED when the token's user does not exist. */
export async function readProfile(database: Database, userId: number): Promise<Profile> {
  // Of the primary: who has just changed their profile is told so.
  const user = await findUser(database.currentReader, userId);
  if (user === undefined) throw new AppError('UNAUTHENTICATED');
  return { user, level: await readLevel(database.currentReader, userId) };
}

export interface ProfileServices {
  database: Database;
  clock: Clock;
  access: Pick<AccessControl, 'changed'>;
}

/**
 * Another name is told to every node, which shows it at once wherever the old one is.
 * @throws AppError UNAUTHENTICATED when the token's user does not exist, CONFLICT for another birthday, VALIDATION_FAILED
 */
export async function changeProfile(
  { database, clock, access }: ProfileServices,
  userId: number,
  change: ProfileChange,
): Promise<Profile> {
  const nowMs = clock.nowMs();
  const { isRenamed, ...profile } = await database.retryingTransaction(async (tx) => {
    if (change.nickname !== undefined) await lockAccess(tx);
    const before = await lockUser(tx, userId);
    if (before === undefined) throw new AppError('UNAUTHENTICATED');
    const { nickname = before.nickname, avatarUrl = before.avatarUrl } = change;
    const { birthday = before.birthday } = change;
    if (birthday !== null && birthday !== before.birthday) {
      checkBirthday(tx, birthday, nowMs);
      if (before.birthday !== null)
        throw new AppError('CONFLICT', { details: { reason: 'the birthday has been told' } });
    }
    const user = { ...before, nickname, avatarUrl, birthday };
    await updateProfile(tx, user, nowMs);
    if (avatarUrl !== before.avatarUrl)
      await holdImages(tx, { kind: 'avatar', id: userId }, [avatarUrl], { nowMs, sentBy: userId });
    tellPeople(tx, [userId], { entity: 'user', change: { nickname, avatar_url: avatarUrl } });
    const isRenamed = nickname !== before.nickname;
    if (isRenamed) await recordAccessChanges(tx, [{ kind: 'person', subjectId: userId }], nowMs);
    return { user, level: await readLevel(tx.manager, userId), isRenamed };
  });
  if (isRenamed) await access.changed();
  return profile;
}
