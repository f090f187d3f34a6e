/** What the administration does to users: find them, block them, end their logins. */
import type { User } from '../../../entities/identity/User.ts';
import { recordAction } from '../../admin/adminLog.ts';
import { noteChange } from '../../analytics/profiles.ts';
import type { Actor } from '../../platform/caller.ts';
import type { LongPage } from '../../platform/database/numberedList.ts';
import { AppError } from '../../platform/errors.ts';
import { readAccount, type Account } from '../../points/account.ts';
import { changeUser, type AccessServices, type UserChange } from '../access/accessChange.ts';
import { findLock, unlockLogin, type LockState } from '../login/loginLocks.ts';
import { PERMISSIONS } from '../access/permissions.ts';
import type { Permission } from '../../platform/caller.ts';
import { revokeLogins } from '../session/logins.ts';
import { countOpenSessions } from '../session/sessionStore.ts';
import {
  countOtherSuperAdmins,
  findListing,
  findUsers,
  updateStatus,
  type UserFilter,
  type UserListing,
} from './userStore.ts';

export type { UserFilter, UserListing };

export interface UserDetail extends UserListing {
  account: Account;
  /** What the user may do now, by role and overrides. */
  permissions: Permission[];
  activeLogins: number;
  /** undefined: no login of the number has failed since the last good one. */
  lock: LockState | undefined;
}

export async function listUsers(
  { database }: AccessServices,
  filter: UserFilter,
): Promise<LongPage<UserListing>> {
  return findUsers(database, filter);
}

/** @throws AppError NOT_FOUND */
export async function readUser(
  { database, clock, access }: AccessServices,
  userId: number,
): Promise<UserDetail> {
  const user = await findListing(database, userId);
  if (user === undefined) throw new AppError('NOT_FOUND');
  const [account, activeLogins, lock] = await Promise.all([
    readAccount(database, userId),
    countOpenSessions(database, userId, clock.nowMs()),
    findLock(database, user.mobile),
  ]);
  const permissions = PERMISSIONS.filter((permission) => access.can(user, permission));
  return { ...user, account, permissions, activeLogins, lock };
}

export interface StatusChange {
  actor: Actor;
  userId: number;
  status: Exclude<User['status'], 'closed'>;
  reason: string;
}

/**
 * Blocks a user, which ends all their logins at once, or lets them in again.
 * @returns how many logins were ended.
 * @throws AppError NOT_FOUND, FORBIDDEN, CONFLICT for the last super admin or a closed account
 */
export async function setUserStatus(services: AccessServices, change: StatusChange): Promise<number> {
  const { actor, userId, status, reason } = change;
  return changeUser(services, change, async ({ tx, nowMs, target }) => {
    if (status === 'disabled') await keepSuperAdmin({ tx, target });
    await updateStatus(tx, userId, status, nowMs);
    await noteChange(tx, userId, nowMs);
    const ended = status === 'disabled' ? await revokeLogins(tx, { userId }, 'disabled', nowMs) : 0;
    await recordAction(
      tx,
      {
        actor,
        action: 'user.status',
        target: { type: 'user', id: userId },
        before: { status: target.status },
        after: { status, reason, ended_logins: ended },
      },
      nowMs,
    );
    return ended;
  });
}

/** Ends all logins of a user. @returns how many there were. @throws AppError NOT_FOUND, FORBIDDEN */
export async function endUserLogins(
  services: AccessServices,
  { actor, userId }: { actor: Actor; userId: number },
): Promise<number> {
  return changeUser(services, { actor, userId }, async ({ tx, nowMs }) => {
    const ended = await revokeLogins(tx, { userId }, 'ended', nowMs);
    const target = { type: 'user', id: userId };
    const logins = { before: { logins: ended }, after: { logins: 0 } };
    await recordAction(tx, { actor, action: 'user.sessions', target, ...logins }, nowMs);
    return ended;
  });
}

/** Opens the lock of a user's number after wrong codes. @throws AppError NOT_FOUND */
export async function unlockUser(
  { database, clock }: AccessServices,
  { actor, userId }: { actor: Actor; userId: number },
): Promise<void> {
  const nowMs = clock.nowMs();
  const user = await findListing(database, userId);
  if (user === undefined) throw new AppError('NOT_FOUND');
  await database.retryingTransaction(async (tx) => {
    const before = await unlockLogin(tx, user.mobile);
    const target = { type: 'user', id: userId };
    const after = { consecutive_fail_count: 0, locked_until: null };
    await recordAction(tx, { actor, action: 'user.unlock', target, before: before ?? after, after }, nowMs);
  });
}

/** Somebody must be left who can give roles. @throws AppError CONFLICT */
export async function keepSuperAdmin({ tx, target }: Pick<UserChange, 'tx' | 'target'>): Promise<void> {
  if (target.role !== 'super_admin') return;
  if ((await countOtherSuperAdmins(tx, target.userId)) > 0) return;
  throw new AppError('CONFLICT', { details: { reason: 'the last active super admin' } });
}
