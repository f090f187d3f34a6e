import { User } from '../../../entities/identity/User.ts';
import type { Tx } from '../../platform/database/transaction.ts';

/** Whether somebody is there to be given something: nobody who is blocked, or gone. */
export async function isActive(tx: Tx, userId: number): Promise<boolean> {
  return tx.manager.existsBy(User, { user_id: userId, status: 'active' });
}

/** Whether somebody has closed their account, for good: a block may be lifted, this not. */
export async function isClosed(tx: Tx, userId: number): Promise<boolean> {
  return tx.manager.existsBy(User, { user_id: userId, status: 'closed' });
}
