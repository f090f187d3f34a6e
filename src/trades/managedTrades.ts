/** Trades as who decides about them sees them: with the names of both, and what waits for a second person. */
import { TradeRecord, type TradeStatus } from '../../entities/trades/TradeRecord.ts';
import { pendingApprovalIds } from '../approvals/approvals.ts';
import { readNicknames } from '../lottery/standings.ts';
import {
  listNumbered,
  type LongPage,
  type NumberedQuery,
  type NumberedTable,
} from '../platform/database/numberedList.ts';
import type { Database } from '../platform/database/transaction.ts';
import { AppError } from '../platform/errors.ts';
import { SETTLE } from './lockTrade.ts';

export const TRADES: NumberedTable<TradeRecord> = {
  entity: TradeRecord,
  key: 'trade_id',
  indexed: ['status', 'seller_id', 'buyer_id'],
};

export interface ManagedTrade {
  trade: TradeRecord;
  sellerNickname: string;
  buyerNickname: string | null;
  /** What asks to settle it, and is not decided. */
  approvalId: number | null;
}

interface TradesQuery extends NumberedQuery {
  status?: TradeStatus | undefined;
  product_id?: number | undefined;
  seller_id?: number | undefined;
  buyer_id?: number | undefined;
}

/** Newest first. */
export async function listManagedTrades(
  database: Database,
  { status, product_id, seller_id, buyer_id, ...query }: TradesQuery,
): Promise<LongPage<ManagedTrade>> {
  const asked = { status, product_id, seller_id, buyer_id };
  const page = await listNumbered(database.currentReader, TRADES, asked, query);
  return { ...page, items: await managed(database, page.items) };
}

/** @throws AppError NOT_FOUND */
export async function readManagedTrade(database: Database, tradeId: number): Promise<ManagedTrade> {
  const trade = await database.currentReader.findOneBy(TradeRecord, { trade_id: tradeId });
  if (trade === null) throw new AppError('NOT_FOUND');
  const [read] = await managed(database, [trade]);
  return read!;
}

async function managed(database: Database, trades: readonly TradeRecord[]): Promise<ManagedTrade[]> {
  if (trades.length === 0) return [];
  const people = trades.flatMap(({ seller_id, buyer_id }) => [seller_id, buyer_id ?? seller_id]);
  const held = trades.filter(({ status }) => status === 'escrow').map(({ trade_id }) => trade_id);
  const [nicknames, approvalIds] = await Promise.all([
    readNicknames(database, [...new Set(people)]),
    pendingApprovalIds(database.currentReader, held, [SETTLE]),
  ]);
  return trades.map((trade) => ({
    trade,
    sellerNickname: nicknames.get(trade.seller_id) ?? '',
    buyerNickname: trade.buyer_id === null ? null : (nicknames.get(trade.buyer_id) ?? ''),
    approvalId: approvalIds.get(trade.trade_id) ?? null,
  }));
}
