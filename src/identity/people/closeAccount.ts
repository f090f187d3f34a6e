import { forgetBehaviors } from '../../analytics/behaviors/personalBehaviors.ts';
import { recordAction } from '../../admin/adminLog.ts';
import type { Actor } from '../../platform/caller.ts';
import type { Tx } from '../../platform/database/transaction.ts';
import { AppError } from '../../platform/errors.ts';
import { emitEvents } from '../../platform/events/outbox.ts';
import { findPredecessors } from '../../points/mergeAccounts.ts';
import { changeAccess, type AccessServices } from '../access/accessChange.ts';
import { forgetExternalIds } from '../imports/importedMembers.ts';
import { lockUser, type UserRecord } from '../login/store.ts';
import { deleteCodes, deleteLock } from './personalStore.ts';
import { proveOwner, type ProofServices } from './proveOwner.ts';
import { removePerson } from './removePerson.ts';
import { keepSuperAdmin } from './users.ts';

export interface CloseServices extends AccessServices, ProofServices {}

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
    const earlier = await findPredecessors(tx.manager, [userId]);
    await removePerson(tx, userId, nowMs);
    const accounts = [userId, ...earlier.map((one) => one.userId)];
    await forgetExternalIds(tx, accounts);
    await forgetBehaviors(tx, accounts);
    if (user.role !== 'user') await auditClosing(tx, user, actor, nowMs);
    await emitEvents(tx, [{ type: 'user:closed', userId, data: { user_id: userId } }], nowMs);
  });
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
