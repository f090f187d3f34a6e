/** Work that is done once in the life of a database, whichever node does it. */
import { FinishedWork } from '../../../entities/platform/FinishedWork.ts';
import { insertOne } from './bulk.ts';
import type { Database } from './transaction.ts';

/**
 * Does it unless it is known to be finished. Who dies in the middle leaves it to the next start, and two nodes that start together may
 * both do it: it has to bear that.
 * @returns what `work` found to do; 0 without it
 */
export async function finishOnce(
  database: Database,
  name: string,
  work: () => Promise<number>,
): Promise<number> {
  if (await database.currentReader.existsBy(FinishedWork, { name })) return 0;
  const done = await work();
  await database.retryingTransaction(async (tx) => {
    if (!(await tx.manager.existsBy(FinishedWork, { name }))) await insertOne(tx, FinishedWork, { name });
  });
  return done;
}
