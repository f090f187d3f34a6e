/** The job by which pending points come (RP-15). Every node does it; each bill comes once. */
import type { Clock } from '../../platform/clock.ts';
import type { Database } from '../../platform/database/transaction.ts';
import type { Logger } from '../../platform/logger.ts';
import { repeating } from '../../platform/repeating.ts';
import { billPolicyOf, type PointsSettings } from '../settings.ts';
import { activateBill, findDueBills } from './bills.ts';

export interface ActivationServices {
  database: Database;
  clock: Clock;
  logger: Logger;
  config: PointsSettings;
}

const BATCH = 100;

export function keepActivating(services: ActivationServices): () => void {
  return repeating(services.logger, 'pending points could not come', (stopping) =>
    activateDue(services, stopping),
  );
}

export async function activateDue(
  { database, clock, config }: Omit<ActivationServices, 'logger'>,
  stopping?: AbortSignal,
): Promise<void> {
  const policy = billPolicyOf(config);
  while (stopping?.aborted !== true) {
    const due = await findDueBills(database.currentReader, clock.nowMs(), BATCH);
    for (const { user_id: userId, bill_id: billId } of due)
      await database.retryingTransaction((tx) => activateBill(tx, { userId, billId }, policy, clock.nowMs()));
    if (due.length < BATCH) return;
  }
}
