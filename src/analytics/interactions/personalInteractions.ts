/** What somebody has had to do with, when their account ends (R-2, A-11, RS-14). */
import { In } from 'typeorm';
import { AnalyticsInteraction } from '../../../entities/analytics/AnalyticsInteraction.ts';
import type { Tx } from '../../platform/database/transaction.ts';
import type { Merging } from '../../points/mergeAccounts.ts';
import { addInteractions } from './countInteractions.ts';

/** By the transaction that closes the account, which holds the row of its user. */
export async function forgetInteractions(tx: Tx, userId: number): Promise<void> {
  await tx.manager.delete(AnalyticsInteraction, { user_id: userId });
}

/** Both have done it: one person. By the transaction that merges the accounts, which holds the rows of both users. */
export async function carryInteractions(tx: Tx, { fromUserId, intoUserId }: Merging): Promise<void> {
  const rows = await tx.manager.findBy(AnalyticsInteraction, { user_id: fromUserId });
  await addInteractions(
    tx,
    rows.map((row) => ({ ...row, user_id: intoUserId })),
  );
}

/** Of these people there is this and nothing else, by whoever holds the rows of their users. */
export async function replaceInteractions(
  tx: Tx,
  userIds: readonly number[],
  rows: readonly AnalyticsInteraction[],
): Promise<void> {
  await tx.manager.delete(AnalyticsInteraction, { user_id: In([...userIds]) });
  await addInteractions(tx, rows);
}
