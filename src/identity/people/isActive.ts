import { In, Not } from 'typeorm';
import { User, type Role } from '../../../entities/identity/User.ts';
import { forShare, type Tx } from '../../platform/database/transaction.ts';

/** Whether somebody is there to be given something: nobody who is blocked, or gone. */
export async function isActive(tx: Tx, userId: number): Promise<boolean> {
  return tx.manager.existsBy(User, { user_id: userId, status: 'active' });
}

/** Those of them who are active. */
export async function activeAmong(tx: Tx, userIds: readonly number[]): Promise<ReadonlySet<number>> {
  return amongWith(tx, userIds, 'active');
}

/** Whether somebody has closed their account, for good: a block may be lifted, this not. */
export async function isClosed(tx: Tx, userId: number): Promise<boolean> {
  return tx.manager.existsBy(User, { user_id: userId, status: 'closed' });
}

/** Those of them who have closed their accounts. */
export async function closedAmong(
  tx: Pick<Tx, 'query'>,
  userIds: readonly number[],
): Promise<ReadonlySet<number>> {
  return amongWith(tx, userIds, 'closed');
}

/** As `closedAmong`; and none of them is closed, or merged into another, before the transaction ends. */
export async function closedAmongHeld(tx: Tx, userIds: readonly number[]): Promise<ReadonlySet<number>> {
  if (userIds.length === 0) return new Set();
  const users = await tx.query<{ user_id: number; status: User['status'] }>(
    `SELECT user_id, status FROM users WHERE user_id IN (?) ORDER BY user_id${forShare(tx)}`,
    [[...userIds]],
  );
  return new Set(users.filter(({ status }) => status === 'closed').map(({ user_id: userId }) => userId));
}

async function amongWith(
  tx: Pick<Tx, 'query'>,
  userIds: readonly number[],
  status: User['status'],
): Promise<ReadonlySet<number>> {
  if (userIds.length === 0) return new Set();
  const sql = 'SELECT user_id FROM users WHERE user_id IN (?) AND status = ?';
  const users = await tx.query<{ user_id: number }>(sql, [userIds, status]);
  return new Set(users.map(({ user_id: userId }) => userId));
}

/** Whether there is an administrator besides these who could decide something. */
export async function hasOtherAdministrator(tx: Tx, userIds: readonly number[]): Promise<boolean> {
  return tx.manager.existsBy(User, {
    user_id: Not(In([...userIds])),
    role: In<Role>(['admin', 'super_admin']),
    status: 'active',
  });
}
