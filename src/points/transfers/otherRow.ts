import { PointsTransaction } from '../../../entities/points/PointsTransaction.ts';
import { PointsTransfer } from '../../../entities/points/PointsTransfer.ts';
import type { Tx } from '../../platform/database/transaction.ts';

/** Of a transfer's row, the row of the other one of the two. */
export async function otherRowOf(tx: Tx, row: PointsTransaction): Promise<PointsTransaction> {
  const { transaction_type: type, related_id: relatedId } = row;
  const which = { transfer_id: Number(relatedId) };
  const { from_user_id: from, to_user_id: to } = await tx.manager.findOneByOrFail(PointsTransfer, which);
  return tx.manager.findOneByOrFail(PointsTransaction, {
    ...(type === 'transfer_out'
      ? { user_id: to, transaction_type: 'transfer_in' }
      : { user_id: from, transaction_type: 'transfer_out' }),
    related_id: relatedId!,
  });
}
