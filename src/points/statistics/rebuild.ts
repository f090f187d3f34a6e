/** The sums of days and periods made anew from the ledger, for rows of before there were any, and to prove them. */
import { In, MoreThan } from 'typeorm';
import { PointsDaily } from '../../../entities/points/PointsDaily.ts';
import { PointsEarned } from '../../../entities/points/PointsEarned.ts';
import { UserPointsAccount } from '../../../entities/points/UserPointsAccount.ts';
import { finishOnce } from '../../platform/database/finishedWork.ts';
import { fromSqlPoints } from '../../platform/database/sqlValues.ts';
import type { Database, Tx } from '../../platform/database/transaction.ts';
import { lockAccounts } from '../ledger.ts';
import { startDaysAnew } from './countDays.ts';
import { Sums } from './sums.ts';

/** Accounts that one transaction holds. */
const BATCH = 50;
/** Every time zone's days begin at a quarter of an hour. */
const QUARTER_MS = 900_000;

/** What the migration has written as the open source of each account: none of its rows are counted. */
const UNCOUNTED = 'uncounted';

/**
 * Of the accounts that no build has counted yet. No index finds them, so that they are looked for until all are counted, and at no
 * start afterwards. @returns how many there were
 */
export function countRowsOfBefore(database: Database): Promise<number> {
  return finishOnce(database, 'points:count_rows_of_before', () => rebuild(database, UNCOUNTED));
}

/**
 * Of every account, a few at a time, beside whoever draws; those of everybody by days are made by the service, which counts the ledger
 * anew. @returns how many accounts there were
 */
export async function rebuildSums(database: Database): Promise<number> {
  await database.retryingTransaction(startDaysAnew);
  return rebuild(database);
}

async function rebuild(database: Database, openSource?: string): Promise<number> {
  let after = 0;
  let count = 0;
  for (;;) {
    const accounts = await database.currentReader.find(UserPointsAccount, {
      select: { account_id: true, user_id: true },
      where: {
        user_id: MoreThan(after),
        ...(openSource === undefined ? {} : { open_source: openSource }),
      },
      order: { user_id: 'ASC' },
      take: BATCH,
    });
    const userIds = accounts.map(({ user_id: userId }) => userId);
    if (userIds.length === 0) return count;
    await database.retryingTransaction((tx) => rebuildOf(tx, userIds));
    count += userIds.length;
    after = userIds.at(-1)!;
  }
}

interface Quarter {
  user_id: number;
  quarter: number | string;
  source: string;
  transaction_type: string;
  gained: number | string;
  lost: number | string;
}

async function rebuildOf(tx: Tx, userIds: readonly number[]): Promise<void> {
  await lockAccounts(tx, userIds);
  const quarter =
    tx.dialect === 'mysql'
      ? `FLOOR(TIMESTAMPDIFF(SECOND, '1970-01-01', created_at) / 900)`
      : `CAST(strftime('%s', created_at) AS INTEGER) / 900`;
  const rows = await tx.query<Quarter>(
    `SELECT user_id, ${quarter} AS quarter, source, transaction_type,
       SUM(CASE WHEN amount > 0 THEN amount ELSE 0 END) AS gained, SUM(CASE WHEN amount < 0 THEN -amount ELSE 0 END) AS lost
     FROM points_transactions WHERE user_id IN (?) GROUP BY user_id, quarter, source, transaction_type`,
    [userIds],
  );
  const sums = new Sums();
  for (const row of rows)
    sums.add(tx.dayOf(Number(row.quarter) * QUARTER_MS), {
      userId: row.user_id,
      type: row.transaction_type,
      source: row.source,
      gained: fromSqlPoints(row.gained),
      lost: fromSqlPoints(row.lost),
    });
  await tx.manager.delete(PointsDaily, { user_id: In(userIds) });
  await tx.manager.delete(PointsEarned, { user_id: In(userIds) });
  // Nothing is there to be added to.
  await sums.store(tx);
  const none = {
    ...{ open_day: null, open_source: null, open_income: 0, open_expense: 0 },
    ...{ open_earned: 0, is_earned_open: false },
  };
  await tx.manager.update(UserPointsAccount, { user_id: In(userIds) }, none);
}
