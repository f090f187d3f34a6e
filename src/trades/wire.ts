/** Trades, as the wire has them. */
import type { EntityManager } from 'typeorm';
import type { z } from 'zod';
import type { TradeRecord } from '../../entities/trades/TradeRecord.ts';
import { pendingApprovalIds } from '../approvals/approvals.ts';
import { maskNickname } from '../identity/login/mask.ts';
import { readPublicPeople } from '../identity/people/publicPeople.ts';
import { endsOfItems } from '../inventory/ownItems.ts';
import { toWirePoints } from '../platform/shapes.ts';
import { productImages } from '../products/products.ts';
import { SETTLE } from './lockTrade.ts';
import type { ManagedTrade } from './managedTrades.ts';
import type { managedTradeShape, shownTradeShape, termsShape, TradeView } from './messages.ts';
import type { TradePolicy } from './settings.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

export async function tradeView(
  manager: EntityManager,
  trade: TradeRecord,
  viewerId: number,
): Promise<TradeView> {
  const [view] = await tradeViews(manager, [trade], viewerId);
  return view!;
}

/** What is between the two, nobody else is told. */
export async function tradeViews(
  manager: EntityManager,
  trades: readonly TradeRecord[],
  viewerId: number,
): Promise<TradeView[]> {
  const isParty = ({ seller_id, buyer_id }: TradeRecord) => seller_id === viewerId || buyer_id === viewerId;
  const held = trades.filter((trade) => trade.status === 'escrow' && isParty(trade));
  const ends = await endsOfItems(
    manager,
    trades.map(({ item_id: id }) => id),
  );
  const pictures = await productImages(
    manager,
    trades.map(({ product_id: id }) => id),
  );
  const people = await readPublicPeople(
    manager,
    trades.map(({ seller_id: id }) => id),
  );
  const heldIds = held.map(({ trade_id: id }) => id);
  const waiting = heldIds.length === 0 ? new Map() : await pendingApprovalIds(manager, heldIds, [SETTLE]);
  return trades.map((trade) => ({
    ...sharedView(trade),
    image_url: pictures.get(trade.product_id) ?? null,
    seller: maskNickname(people.get(trade.seller_id)?.nickname ?? ''),
    is_mine: trade.seller_id === viewerId,
    item_expires_at: ends.get(trade.item_id)?.toISOString() ?? null,
    in_review: waiting.has(trade.trade_id),
    ...(!isParty(trade) && { buyer_id: null, dispute_reason: null, decision_reason: null }),
  }));
}

export function managedTradeView(trade: TradeRecord): z.output<typeof managedTradeShape> {
  const { disputed_by, decided_by } = trade;
  return { ...sharedView(trade), disputed_by, decided_by };
}

export function termsToWire(policy: TradePolicy): z.output<typeof termsShape> {
  return {
    fee_percent: policy.feeBp / 100,
    open_days: policy.openMs / DAY_MS,
    escrow_hours: policy.escrowMs / HOUR_MS,
    review_from: toWirePoints(policy.reviewHundredths),
  };
}

export function shownTradeView({
  trade,
  sellerNickname: seller_nickname,
  buyerNickname: buyer_nickname,
  approvalId: approval_id,
}: ManagedTrade): z.output<typeof shownTradeShape> {
  return { ...managedTradeView(trade), seller_nickname, buyer_nickname, approval_id };
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
    dispute_reason: trade.dispute_reason,
    decision_reason: trade.decision_reason,
  };
}
