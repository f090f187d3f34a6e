/*
 * Trades of so many points or more wait for a second person before they are settled (R-1, RA-3): the buyer asks, and somebody agrees
 * who is neither of the two. Meanwhile the trade stays in escrow: it may be taken back, disputed, or expire, and then the request is
 * void. One that was refused may be asked for again, as long as there is time.
 */
import { TradeRecord } from '../../entities/trades/TradeRecord.ts';
import {
  lockForDecision,
  pendingApprovalIds,
  requestApproval,
  settle,
  type Decision,
} from '../approvals/approvals.ts';
import type { ApprovalKinds } from '../approvals/kinds.ts';
import type { Parties } from '../approvals/parties.ts';
import type { ItemCodes } from '../inventory/codes.ts';
import type { Actor } from '../platform/caller.ts';
import type { Clock } from '../platform/clock.ts';
import type { Database, Tx } from '../platform/database/transaction.ts';
import { AppError } from '../platform/errors.ts';
import { toWirePoints } from '../platform/shapes.ts';
import { settleTrade } from './endTrade.ts';
import { conflict, lockTrade, refuseOver, SETTLE } from './lockTrade.ts';

export interface Wait {
  approvalId: number;
  changeHash: string;
}

export interface Settling {
  actor: Actor;
  tradeId: number;
  /** So much or more is looked at by somebody else first; 1/100 points. */
  reviewHundredths: number;
}

/** @throws AppError as `settleTrade`, CONFLICT while it waits */
export async function askToSettle(
  tx: Tx,
  codes: Pick<ItemCodes, 'forget'>,
  { actor, tradeId, reviewHundredths }: Settling,
  nowMs: number,
): Promise<{ trade: TradeRecord } | { waits: Wait }> {
  const { userId: buyerId } = actor;
  const held = await lockTrade(tx, { tradeId }, (trade) => {
    if (trade.buyer_id !== buyerId) throw new AppError('NOT_FOUND');
    refuseOver(trade, nowMs);
  });
  if (held.trade.price < reviewHundredths) return { trade: await settleTrade(tx, codes, held, {}, nowMs) };
  const waiting = await pendingApprovalIds(tx.manager, [tradeId], [SETTLE]);
  if (waiting.size > 0) throw conflict('in_review', held.trade);
  const { item_name: name, price, fee, seller_id, item_id, version: baseVersion } = held.trade;
  const document = {
    name,
    price: toWirePoints(price),
    fee: toWirePoints(fee),
    item_id,
    seller_id,
    buyer_id: buyerId,
  };
  const asked = { kind: SETTLE, subjectId: tradeId, baseVersion, change: { document }, author: actor };
  return {
    waits: await requestApproval(tx, { ...asked, editorId: buyerId, beneficiaryId: seller_id }, nowMs),
  };
}

interface ReviewServices {
  database: Database;
  clock: Clock;
  itemCodes: Pick<ItemCodes, 'forget'>;
  breakGlassMs: number;
}

/** How such requests are decided. */
export function tradeApprovals({ database, clock, itemCodes, breakGlassMs }: ReviewServices): ApprovalKinds {
  const parties = (tradeId: number) => partiesOf(tradeId, breakGlassMs);
  return {
    [SETTLE]: {
      subjectName: 'trade_id',
      parties,
      simulations: () => Promise.resolve([]),
      async approve(decision, tradeId) {
        const approving = { decision, tradeId, parties: parties(tradeId) };
        await database.retryingTransaction((tx) => approve(tx, itemCodes, approving, clock.nowMs()));
      },
    },
  };
}

/** Both gain by it. */
function partiesOf(tradeId: number, breakGlassMs: number): Parties {
  return {
    breakGlassMs,
    isBeneficiary: ({ manager }, userId) =>
      manager.existsBy(TradeRecord, [
        { trade_id: tradeId, seller_id: userId },
        { trade_id: tradeId, buyer_id: userId },
      ]),
  };
}

async function approve(
  tx: Tx,
  codes: Pick<ItemCodes, 'forget'>,
  { decision, tradeId, parties }: { decision: Decision; tradeId: number; parties: Parties },
  nowMs: number,
): Promise<void> {
  const held = await lockTrade(tx, { tradeId }, (trade) => refuseOver(trade, nowMs));
  const subject = { kind: SETTLE, subjectId: tradeId };
  const { version, status } = held.trade;
  const request = await lockForDecision(tx, decision, { subject, version, parties }, nowMs);
  const settled = await settleTrade(tx, codes, held, {}, nowMs);
  const made = { before: { status }, after: { status: settled.status } };
  await settle(tx, { request, decision, status: 'approved', made }, nowMs);
}
