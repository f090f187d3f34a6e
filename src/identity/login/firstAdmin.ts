import type { Clock } from '../../platform/clock.ts';
import { recordAction } from '../../admin/adminLog.ts';
import type { Database, Tx } from '../../platform/database/transaction.ts';
import { emitEvents } from '../../platform/events/outbox.ts';
import type { Logger } from '../../platform/logger.ts';
import { openAccount } from '../../points/ledger.ts';
import { lockAccess, recordAccessChanges } from '../access/accessFeed.ts';
import { insertUser, lockUserByMobile } from './store.ts';
import { countOtherSuperAdmins, updateRole } from '../people/userStore.ts';

export interface FirstAdminServices {
  database: Database;
  clock: Clock;
  logger: Logger;
}

/** No user has this id, so every super admin is another one. */
const NOBODY = 0;

type Outcome = 'made' | 'there is one already' | 'the account is not active';

/**
 * Somebody has to grant the first role: while there is no active super admin, this number becomes one, registered if
 * need be. As soon as there is one the setting does nothing, so it may stay where it is.
 */
export async function ensureFirstAdmin(
  { database, clock, logger }: FirstAdminServices,
  mobile: string | undefined,
): Promise<void> {
  if (mobile === undefined) return;
  const outcome = await database.retryingTransaction((tx) => makeFirstAdmin(tx, mobile, clock.nowMs()));
  switch (outcome) {
    case 'made':
      return logger.info('FIRST_ADMIN_MOBILE: the first super admin is made');
    case 'there is one already':
      return logger.info('FIRST_ADMIN_MOBILE: nothing to do, there is a super admin');
    case 'the account is not active':
      return logger.error('FIRST_ADMIN_MOBILE: nobody is made super admin, that account is not active');
  }
}

async function makeFirstAdmin(tx: Tx, mobile: string, nowMs: number): Promise<Outcome> {
  // Nodes that start together pass here one after the other, and the later ones find the first one's administrator.
  await lockAccess(tx);
  if ((await countOtherSuperAdmins(tx, NOBODY)) > 0) return 'there is one already';
  const known = await lockUserByMobile(tx, mobile);
  // Whoever switched it off had a reason, and a setting cannot say that the reason is gone.
  if (known !== undefined && known.status !== 'active') return 'the account is not active';
  const userId = known?.userId ?? (await register(tx, mobile, nowMs));
  await updateRole(tx, userId, 'super_admin', nowMs);
  await recordAccessChanges(tx, [{ kind: 'tables', subjectId: null }], nowMs);
  await recordAction(
    tx,
    {
      // Nobody is logged in yet who could be named; the request tells where the change comes from.
      actor: { userId, ip: '', requestId: 'FIRST_ADMIN_MOBILE' },
      action: 'user.role',
      target: { type: 'user', id: userId },
      before: { role: known?.role ?? null },
      after: { role: 'super_admin' },
    },
    nowMs,
  );
  return 'made';
}

async function register(tx: Tx, mobile: string, nowMs: number): Promise<number> {
  const userId = await insertUser(tx, { mobile, nickname: '超级管理员' }, nowMs);
  await openAccount(tx, userId, nowMs);
  await emitEvents(tx, [{ type: 'user:registered', userId, data: { user_id: userId } }], nowMs);
  return userId;
}
