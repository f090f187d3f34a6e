/** What the market reads of the API. */
export type TradeStatus = 'open' | 'escrow' | 'disputed' | 'settled' | 'cancelled' | 'expired';

export interface Trade {
  trade_id: number;
  item_id: number;
  name: string;
  image_url: string | null;
  status: TradeStatus;
  price: number;
  /** Of the price: the seller gets the rest. */
  fee: number;
  version: number;
  expires_at: string;
  created_at: string;
  updated_at: string;
  seller_id: number;
  /** The nickname, masked. */
  seller: string;
  /** null: nobody has bought it, or it is not told. */
  buyer_id: number | null;
  is_mine: boolean;
  item_expires_at: string | null;
  /** It is to be settled, and somebody else has to agree first. */
  in_review: boolean;
  dispute_reason: string | null;
  decision_reason: string | null;
}

export interface Terms {
  fee_percent: number;
  open_days: number;
  escrow_hours: number;
  review_from: number;
}

/** What somebody does to a trade of theirs. */
export type Act = 'settle' | 'cancel' | 'dispute';
