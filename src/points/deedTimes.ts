import { In, MoreThanOrEqual } from 'typeorm';
import { PointsTransaction } from '../../entities/points/PointsTransaction.ts';
import type { Database } from '../platform/database/transaction.ts';

export interface DeedsOf {
  userId: number;
  types: readonly string[];
  sinceMs: number;
  /** The newest. */
  limit: number;
}

/** When somebody has moved points themself. */
export async function readDeedTimes(
  { currentReader }: Database,
  { userId, types, sinceMs, limit }: DeedsOf,
): Promise<number[]> {
  const rows = await currentReader.find(PointsTransaction, {
    select: { transaction_id: true, created_at: true },
    where: {
      ...{ user_id: userId, transaction_type: In([...types]) },
      created_at: MoreThanOrEqual(new Date(sinceMs)),
    },
    order: { transaction_id: 'DESC' },
    take: limit,
  });
  return rows.map(({ created_at: at }) => at.getTime());
}
