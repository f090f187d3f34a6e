import { TradeRecord } from '../../entities/trades/TradeRecord.ts';
import { countTo, MOST_COUNTED } from '../platform/database/numberedList.ts';
import type { Database } from '../platform/database/transaction.ts';

/** Trades that wait for a decision, to `MOST_COUNTED` and one more. */
export function countDisputed({ currentReader: manager }: Database): Promise<number> {
  return countTo(MOST_COUNTED, { manager, entity: TradeRecord, where: { status: 'disputed' } });
}
