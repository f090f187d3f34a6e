import { recordAction } from '../admin/adminLog.ts';
import type { Actor } from '../platform/caller.ts';
import type { Tx } from '../platform/database/transaction.ts';
import { AppError } from '../platform/errors.ts';
import { changeItem, conflict, lockItem } from './changeItem.ts';

/** What was won is worth nothing any more; its stock stays won. @throws AppError NOT_FOUND, CONFLICT once it is redeemed or over */
export async function voidItem(
  tx: Tx,
  { actor, itemId, reason }: { actor: Actor; itemId: number; reason: string },
  nowMs: number,
): Promise<void> {
  const item = await lockItem(tx, itemId);
  if (item === undefined) throw new AppError('NOT_FOUND');
  if (item.status !== 'unclaimed' && item.status !== 'claimed') throw conflict(item.status);
  await changeItem(tx, item, { status: 'void', expires_at: null });
  const target = { type: 'item', id: itemId };
  const change = { before: { status: item.status }, after: { status: 'void', reason } };
  await recordAction(tx, { actor, action: 'prize.void', target, ...change }, nowMs);
}
