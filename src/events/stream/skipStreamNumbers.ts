import { EventStreamHead } from '../../../entities/platform/EventStreamHead.ts';
import { upsertAll } from '../../platform/database/bulk.ts';
import type { Tx } from '../../platform/database/transaction.ts';

/**
 * The stream goes on after numbers that nobody was given, with the events from the next one on: whoever comes with a number of before is
 * told `resync`.
 */
export async function skipStreamNumbers(
  tx: Tx,
  { leftOut, nextEventId }: { leftOut: number; nextEventId: number },
): Promise<void> {
  const [head] = await tx.lock(EventStreamHead, { where: { head_id: 1 } });
  const stream_id = Number(head?.stream_id ?? 0) + leftOut;
  await upsertAll(tx, EventStreamHead, [{ head_id: 1, stream_id, event_id: nextEventId - 1, gaps: '[]' }]);
}
