/** What a trade means to one of the two, and what they may do about it. */
import type { Act, Trade } from './wire.ts';

/** Of a trade that waits for nobody else. */
const OF_BUYER: Partial<Record<Trade['status'], Act[]>> = { escrow: ['dispute', 'settle'] };
const OF_SELLER: Partial<Record<Trade['status'], Act[]>> = {
  open: ['cancel'],
  escrow: ['dispute', 'cancel'],
};

export function actsOf({ status, is_mine, in_review }: Trade): Act[] {
  const acts = (is_mine ? OF_SELLER : OF_BUYER)[status] ?? [];
  return in_review ? acts.filter((act) => act !== 'settle') : acts;
}

/** The key of the text that says how it stands. */
export function stateOf({ status, is_mine, in_review, buyer_id }: Trade): string {
  const side = is_mine ? 'seller' : 'buyer';
  if (status === 'escrow' && in_review) return 'market.state.review';
  if (status === 'disputed') return 'market.state.disputed';
  // Nobody had bought it: there are no points to be given back.
  if (is_mine && status === 'cancelled' && buyer_id === null) return 'market.state.seller.takenBack';
  return `market.state.${side}.${status}`;
}

export function isRunning({ status }: Trade): boolean {
  return status === 'open' || status === 'escrow';
}
