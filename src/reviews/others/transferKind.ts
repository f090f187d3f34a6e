/** Transfers of many points (P-3), as they stand in the queue. */
import type { Clock } from '../../platform/clock.ts';
import type { Database } from '../../platform/database/transaction.ts';
import { transferToWire } from '../../points/transfers/messages.ts';
import { readTransfers } from '../../points/transfers/readTransfers.ts';
import { approve, reject } from '../../points/transfers/review.ts';
import type { ReviewKind } from '../kinds.ts';

export function transferKind({ database, clock }: { database: Database; clock: Clock }): ReviewKind {
  return {
    ...{ reads: 'points:review', decides: 'points:review', hasBeneficiary: true },
    async decide({ subject_id: transferId }, { actor, decision, reason }) {
      await database.retryingTransaction((tx) =>
        decision === 'approve'
          ? approve(tx, { actor, transferId }, clock.nowMs())
          : reject(tx, { actor, transferId, reason }, clock.nowMs()),
      );
    },
    async show(manager, ids) {
      const transfers = await readTransfers(manager, ids);
      return new Map(transfers.map((row) => [row.transfer_id, { subject: transferToWire(row), flags: [] }]));
    },
  };
}
