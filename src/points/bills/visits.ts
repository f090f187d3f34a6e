import { Between, In, IsNull, Not, type EntityManager } from 'typeorm';
import { PointsBill } from '../../../entities/points/PointsBill.ts';
import type { UserRange } from '../../identity/people/userRange.ts';
import type { Tx } from '../../platform/database/transaction.ts';

/** Those of the users who have a bill of one of the restaurants, by the index alone. */
export async function visitorsOf(
  tx: Pick<Tx, 'manager'>,
  { userIds, restaurantIds }: { userIds: readonly number[]; restaurantIds: readonly number[] },
): Promise<ReadonlySet<number>> {
  const rows = await tx.manager
    .createQueryBuilder()
    .select('bill.user_id', 'user_id')
    .distinct()
    .from(PointsBill, 'bill')
    .where({ user_id: In(userIds), restaurant_id: In(restaurantIds) })
    .getRawMany<{ user_id: number }>();
  return new Set(rows.map((row) => Number(row.user_id)));
}

/** Those of a range of users who have a bill of a restaurant, by the same index. */
export async function visitorsWithin(
  { manager }: Pick<Tx, 'manager'>,
  restaurantId: number,
  { from, to }: UserRange,
): Promise<number[]> {
  const rows = await manager
    .createQueryBuilder()
    .select('bill.user_id', 'user_id')
    .distinct()
    .from(PointsBill, 'bill')
    .where({ user_id: Between(from, to), restaurant_id: restaurantId })
    .orderBy('bill.user_id')
    .getRawMany<{ user_id: number }>();
  return rows.map((row) => Number(row.user_id));
}

/** Where each of the users has the most bills, of several the restaurant with the lowest id, by the same index; nobody without one. */
export async function favouritesOf(
  manager: EntityManager,
  userIds: readonly number[],
): Promise<ReadonlyMap<number, number>> {
  const rows = await manager
    .createQueryBuilder()
    .select('bill.user_id', 'user_id')
    .addSelect('bill.restaurant_id', 'restaurant_id')
    .addSelect('COUNT(*)', 'bills')
    .from(PointsBill, 'bill')
    .where({ user_id: In([...userIds]), restaurant_id: Not(IsNull()) })
    .groupBy('bill.user_id')
    .addGroupBy('bill.restaurant_id')
    .getRawMany<Record<'user_id' | 'restaurant_id' | 'bills', number | string>>();
  const inOrder = rows
    .map((row) => ({
      userId: Number(row.user_id),
      restaurantId: Number(row.restaurant_id),
      bills: Number(row.bills),
    }))
    // The last of each counts.
    .sort((a, b) => a.bills - b.bills || b.restaurantId - a.restaurantId);
  return new Map(inOrder.map(({ userId, restaurantId }) => [userId, restaurantId]));
}
