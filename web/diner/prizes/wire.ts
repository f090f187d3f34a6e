/** What the pages on prizes read of the API. */
export type ItemStatus = 'unclaimed' | 'claimed' | 'redeemed' | 'expired' | 'void';

export interface Delivery {
  status: 'requested' | 'preparing' | 'shipped' | 'delivered' | 'collected';
  name: string | null;
  phone: string | null;
  address: string | null;
  carrier: string | null;
  tracking_no: string | null;
  updated_at: string;
}

export interface WonItem {
  item_id: number;
  draw_id: number | null;
  name: string;
  type: string;
  status: ItemStatus;
  won_at: string;
  expires_at: string | null;
  claimed_at: string | null;
  redeemed_at: string | null;
  redeemed_restaurant_id: number | null;
  delivery: Delivery | null;
  rating: number | null;
}

export interface ItemPage {
  items: WonItem[];
  total: number;
  /** Given as `before`, it gets what follows; null at the end. */
  next: string | null;
}

export interface ShownCode {
  /** To be read out or typed, in groups. */
  code: string;
  /** Another one every 30 seconds. */
  qr_svg: string;
  /** Half a minute after there is another picture. */
  valid_until: string;
}

export interface Claimed {
  item_id: number;
  status: ItemStatus;
  code: string;
}
