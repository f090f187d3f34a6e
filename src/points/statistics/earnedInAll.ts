import { PointsEarned } from '../../../entities/points/PointsEarned.ts';
import { fromSqlPoints } from '../../platform/database/sqlValues.ts';
import type { Database } from '../../platform/database/transaction.ts';

/**
 * What everybody earned on a business day, in 1/100 points: the part of one index that is of the day. What draws have given lately may
 * be missing for a moment (openEarnings.ts).
 */
export async function earnedInAll({ currentReader }: Database, day: string): Promise<number> {
  const row = await currentReader
    .createQueryBuilder(PointsEarned, 'counted')
    .select('SUM(counted.earned)', 'earned')
    .where("counted.period = 'day' AND counted.starts = :day", { day })
    .getRawOne<{ earned: number | string | null }>();
  return fromSqlPoints(row?.earned ?? 0);
}
