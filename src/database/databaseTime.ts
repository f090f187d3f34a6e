import type { Clock } from '../clock.ts';
import { fromSqlTime } from './sqlValues.ts';
import type { Tx } from './transaction.ts';

/**
 * The time by the one clock that all nodes share, for deadlines that one node writes and another one reads (TIME-1). SQLite has
 * one node, whose clock it is.
 */
export async function databaseNowMs(tx: Tx, clock: Clock): Promise<number> {
  if (tx.dialect === 'sqlite') return clock.nowMs();
  const [row] = await tx.query<{ now: Date | string }>('SELECT UTC_TIMESTAMP(3) AS now');
  return fromSqlTime(row!.now);
}
