/** When bills were paid in a restaurant, by minutes. */
import { PointsBill } from '../../../entities/points/PointsBill.ts';
import { UNCOUNTED } from '../../identity/people/counted.ts';
import { sqlTime } from '../../platform/database/sqlValues.ts';
import type { Database } from '../../platform/database/transaction.ts';

const MINUTE = 'SUBSTR(bill.created_at, 1, 16)';

export async function readBillMinutes(
  { currentReader }: Database,
  { restaurantId, sinceMs }: { restaurantId: number; sinceMs: number },
): Promise<{ startMs: number; entries: number }[]> {
  const rows = await currentReader
    .createQueryBuilder(PointsBill, 'bill')
    .select(MINUTE, 'minute')
    .addSelect('COUNT(*)', 'entries')
    .where(
      `bill.restaurant_id = :restaurantId AND bill.created_at >= :since AND bill.user_id NOT IN ${UNCOUNTED}`,
      {
        restaurantId,
        since: sqlTime(sinceMs),
      },
    )
    .groupBy(MINUTE)
    .getRawMany<{ minute: string; entries: number | string }>();
  return rows.map(({ minute, entries }) => ({
    startMs: Date.parse(`${minute.replace(' ', 'T')}Z`),
    entries: Number(entries),
  }));
}
