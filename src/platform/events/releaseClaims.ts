import { BusinessEvent } from '../../../entities/platform/BusinessEvent.ts';
import type { Tx } from '../database/transaction.ts';

/** Every claim of before is over, without a failed try. What a handler has done for an event has its mark. */
export async function releaseClaims(tx: Tx): Promise<void> {
  const free = { status: 'pending', claimed_by: null, available_at: null } as const;
  await tx.manager.update(BusinessEvent, { status: 'processing' }, free);
}
