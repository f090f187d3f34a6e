import type { Tx } from '../database/transaction.ts';
import { EVENTS_TOPIC } from './outbox.ts';
import { revive } from './store.ts';

/**
 * Gives a dead letter all its tries again (E-2). Handlers that have done their work for it are not run again.
 * @returns false when the event is no dead letter, and nothing has changed (RE-8).
 */
export async function retryDeadLetter(tx: Tx, eventId: number): Promise<boolean> {
  const isRevived = await revive(tx, eventId);
  if (isRevived) tx.topics.add(EVENTS_TOPIC);
  return isRevived;
}
