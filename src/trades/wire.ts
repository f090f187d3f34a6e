/** Trades, as the wire has them. */
import type { z } from 'zod';
import type { TradeRecord } from '../../entities/trades/TradeRecord.ts';
import { toWirePoints } from '../platform/shapes.ts';
import type { managedTradeShape, TradeView } from './messages.ts';

export function tradeView(trade: TradeRecord, viewerId: number): TradeView {
  const { buyer_id, ...shown } = sharedView(trade);
  const isMine = trade.seller_id === viewerId;
  const isParty = isMine || buyer_id === viewerId;
  return { ...shown, buyer_id: isParty ? buyer_id : null, is_mine: isMine };
}

export function managedTradeView(trade: TradeRecord): z.output<typeof managedTradeShape> {
  const { disputed_by, dispute_reason, decided_by, decision_reason } = trade;
  return { ...sharedView(trade), disputed_by, dispute_reason, decided_by, decision_reason };
}

function sharedView(trade: TradeRecord) {
  return {
    trade_id: trade.trade_id,
    item_id: trade.item_id,
    product_id: trade.product_id,
    name: trade.item_name,
    status: trade.status,
    price: toWirePoints(trade.price),
    fee: toWirePoints(trade.fee),
    version: trade.version,
    expires_at: trade.expires_at.toISOString(),
    created_at: trade.created_at.toISOString(),
    updated_at: trade.updated_at.toISOString(),
    seller_id: trade.seller_id,
    buyer_id: trade.buyer_id,
  };
}
