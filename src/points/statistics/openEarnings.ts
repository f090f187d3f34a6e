/*
 * What draws have earned and no period has yet. A batch of draws adds it up in the accounts, which it writes anyway: three rows of
 * each winner, with their places on the leaderboards, made it slower (docs/performance.md). It moves to its periods with whatever is
 * posted next, every two seconds, and before anybody is shown a leaderboard.
 */
import type { EntityManager } from 'typeorm';
import { PointsEarned } from '../../../entities/points/PointsEarned.ts';
import { UserPointsAccount } from '../../../entities/points/UserPointsAccount.ts';
import { coalesce } from '../../platform/coalesce.ts';
import { fromSqlPoints } from '../../platform/database/sqlValues.ts';
import type { ExpiryServices } from '../expiry.ts';
import { postWhatIsDue } from '../ledger.ts';
import { repeating } from '../../platform/repeating.ts';
import type { Period } from './periods.ts';

type Services = Omit<ExpiryServices, 'logger'>;

/** Accounts that one transaction holds. */
const BATCH = 100;

/** Every node does it; nothing is counted twice. */
export function keepCountingEarnings(services: ExpiryServices): () => void {
  return repeating(services.logger, 'earnings could not be counted', (stopping) =>
    countOpenEarnings(services, stopping),
  );
}

/** Counts all that was committed before a call; calls that come together share the work. */
export function earningsCounter(services: Services): () => Promise<void> {
  return coalesce(() => countOpenEarnings(services));
}

/** All that is open now, in batches: who earns something meanwhile is not waited for. */
export async function countOpenEarnings(
  { database, clock }: Services,
  stopping?: AbortSignal,
): Promise<void> {
  const reader = database.currentReader;
  const rows = await reader.find(UserPointsAccount, {
    select: { account_id: true, user_id: true },
    where: { is_earned_open: true },
  });
  for (let from = 0; from < rows.length && stopping?.aborted !== true; from += BATCH) {
    const userIds = rows.slice(from, from + BATCH).map(({ user_id: userId }) => userId);
    await database.retryingTransaction((tx) => postWhatIsDue(tx, userIds, clock.nowMs()));
  }
}

/** What a user has earned in a period, in 1/100 points. One statement: what moves meanwhile is in it once. */
export async function readEarned(
  manager: EntityManager,
  { period, starts, userId }: { period: Period; starts: string; userId: number },
): Promise<number> {
  const row = await manager
    .createQueryBuilder(UserPointsAccount, 'account')
    .leftJoin(
      PointsEarned,
      'counted',
      'counted.user_id = account.user_id AND counted.period = :period AND counted.starts = :starts',
      { period, starts },
    )
    .select(['account.open_day AS day', 'account.open_earned AS still_open', 'counted.earned AS earned'])
    .where('account.user_id = :userId', { userId })
    .getRawOne<{ day: string | null; still_open: string | number; earned: string | number | null }>();
  if (row === undefined) return 0;
  // A day that is over by now belongs to the period as well, as long as it is none of before.
  const open = row.day !== null && row.day >= starts ? fromSqlPoints(row.still_open) : 0;
  return fromSqlPoints(row.earned ?? 0) + open;
}
