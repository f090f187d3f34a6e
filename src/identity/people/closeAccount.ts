import { recordAction } from '../../admin/adminLog.ts';
import { forgetProfile } from '../../analytics/profiles.ts';
import { leaveConversations } from '../../chat/personalChats.ts';
import { forgetImages } from '../../images/uses.ts';
import { forgetOwner } from '../../inventory/personalItems.ts';
import { leaveLists } from '../../lottery/personalLists.ts';
import { forgetExternalId } from '../imports/importedMembers.ts';
import { forgetNotifications } from '../../notifications/inbox.ts';
import type { Actor } from '../../platform/caller.ts';
import type { IdentityConfig } from '../settings.ts';
import type { Tx } from '../../platform/database/transaction.ts';
import { AppError } from '../../platform/errors.ts';
import { networkOf } from '../../platform/network.ts';
import { emitEvents } from '../../platform/events/outbox.ts';
import { leaveTrades } from '../../trades/personalTrades.ts';
import { recordAccessChanges } from '../access/accessFeed.ts';
import { changeAccess, type AccessServices } from '../access/accessChange.ts';
import { checkCode } from '../login/codes.ts';
import { beginTry, countFailure, refusalOf } from '../login/loginLocks.ts';
import {
  anonymiseUser,
  blankLoginLog,
  closeSessions,
  deleteCodes,
  deleteDevices,
  deleteLock,
  deletePermissions,
} from './personalStore.ts';
import { findUser, lockUser, type UserRecord } from '../login/store.ts';
import { revokeLogins } from '../session/logins.ts';
import { keepSuperAdmin } from './users.ts';

const NICKNAME = '已注销';

export interface CloseServices extends AccessServices {
  config: Pick<IdentityConfig, 'jwtSecret' | 'devCode' | 'failuresBeforeLock' | 'lockSeconds'>;
}

/**
 * Closes the caller's own account: the person is taken out of every row here, and their logins end. Points, draws and the
 * fairness log stay as they are, under an id that leads to nobody, so that the books balance and every draw can still be
 * checked. The number may register anew, as somebody else.
 *
 * A code of their own number has to come with it: whoever got hold of an access token must not be able to do this.
 * @throws AppError CODE_INVALID, CODE_EXPIRED, RATE_LIMITED while the caller has locked themself out, CONFLICT for the last super admin
 */
export async function closeAccount(services: CloseServices, actor: Actor, code: string): Promise<void> {
  const { userId } = actor;
  const mobile = await proveOwner(services, actor, code);
  await changeAccess(services, async ({ tx, nowMs }) => {
    // In the order in which a login takes them.
    await deleteLock(tx, mobile);
    await deleteCodes(tx, mobile);
    const user = await lockUser(tx, userId);
    if (user === undefined || user.status === 'closed') throw new AppError('TOKEN_REVOKED');
    await keepSuperAdmin({ tx, target: user });
    await removePerson(tx, userId, nowMs);
    if (user.role !== 'user') await auditClosing(tx, user, actor, nowMs);
    await emitEvents(tx, [{ type: 'user:closed', userId, data: { user_id: userId } }], nowMs);
  });
}

type Proof = { mobile: string } | { refused: 'CODE_INVALID' | 'CODE_EXPIRED' };

/**
 * Uses up the code, in a transaction of its own: a wrong one counts as it does at a login although the call is refused.
 * @returns the number of the user.
 */
async function proveOwner(
  { database, clock, config }: CloseServices,
  { userId, ip }: Actor,
  code: string,
): Promise<string> {
  const nowMs = clock.nowMs();
  const proof = await database.retryingTransaction(async (tx): Promise<Proof> => {
    const user = await findUser(tx.manager, userId);
    if (user === undefined || user.status === 'closed') throw new AppError('TOKEN_REVOKED');
    const { mobile } = user;
    const origin = { name: networkOf(ip), isKnownDevice: false };
    const lock = await beginTry(tx, { mobile, origin: origin.name }, nowMs);
    const locked = refusalOf(lock, nowMs);
    if (locked !== undefined) throw locked;
    const { outcome, isCounted } = await checkCode(tx, config, { mobile, code, origin }, nowMs);
    if (outcome === 'accepted') return { mobile };
    await countFailure(tx, lock, { ...config, isCounted }, nowMs);
    return { refused: outcome };
  });
  if ('refused' in proof) throw new AppError(proof.refused);
  return proof.mobile;
}

async function removePerson(tx: Tx, userId: number, nowMs: number): Promise<void> {
  await anonymiseUser(tx, { userId, nickname: NICKNAME }, nowMs);
  await revokeLogins(tx, { userId }, 'closed', nowMs);
  await closeSessions(tx, userId, nowMs);
  await recordAccessChanges(tx, [{ kind: 'person', subjectId: userId }], nowMs);
  await blankLoginLog(tx, userId);
  await deleteDevices(tx, userId);
  await deletePermissions(tx, userId);
  await forgetExternalId(tx, userId);
  await forgetOwner(tx, userId);
  await leaveTrades(tx, userId, nowMs);
  await leaveLists(tx, userId);
  await leaveConversations(tx, userId, nowMs);
  await forgetNotifications(tx, userId);
  await forgetProfile(tx, userId, nowMs);
  await forgetImages(tx, userId, nowMs);
}

/** Without the person: this log is never changed afterwards. */
async function auditClosing(tx: Tx, user: UserRecord, actor: Actor, nowMs: number): Promise<void> {
  const change = {
    actor,
    action: 'user.close',
    target: { type: 'user', id: user.userId },
    before: { role: user.role, status: user.status },
    after: { role: 'user', status: 'closed' },
  };
  await recordAction(tx, change, nowMs);
}
