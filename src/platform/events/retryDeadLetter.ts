import type { Tx } from '../database/transaction.ts';
import { AppError } from '../errors.ts';
import { revive } from './store.ts';

/**
 * Gives a dead letter all its tries again (E-2). Handlers that have done their work for it are not run again.
 * @throws AppError CONFLICT when the event is no dead letter.
 */
export async function retryDeadLetter(tx: Tx, eventId: number): Promise<void> {
  if (!(await revive(tx, eventId))) throw new AppError('CONFLICT');
}
