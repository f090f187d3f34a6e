/** What the pages on prizes and other items read of the API. */
export type ItemStatus = 'unclaimed' | 'claimed' | 'available' | 'locked' | 'redeemed' | 'expired' | 'void';

export interface Delivery {
  status: 'requested' | 'preparing' | 'shipped' | 'delivered' | 'collected';
  name: string | null;
  phone: string | null;
  address: string | null;
  carrier: string | null;
  tracking_no: string | null;
  updated_at: string;
}

/** Something that somebody owns, as the page has it. */
export interface Item {
  item_id: number;
  /** exchange: points were exchanged for it, by whoever; it may be given away and sold. */
  source: 'lottery' | 'exchange';
  draw_id: number | null;
  name: string;
  image_url?: string | null;
  type: string;
  status: ItemStatus;
  /** When it was won, or exchanged. */
  came_at: string;
  expires_at: string | null;
  claimed_at: string | null;
  redeemed_at: string | null;
  redeemed_restaurant_id: number | null;
  delivery: Delivery | null;
  rating: number | null;
}

/** As `GET /lottery/my-prizes` gives it. */
export type WonItem = Omit<Item, 'source' | 'came_at'> & { won_at: string };

/** As `GET /inventory` gives it. */
export interface OwnItem {
  item_id: number;
  draw_id: number | null;
  name: string;
  image_url: string | null;
  type: string;
  status: ItemStatus;
  created_at: string;
  expires_at: string | null;
  redeemed_at: string | null;
  redeemed_restaurant_id: number | null;
}

export interface ItemPage<One = Item> {
  items: One[];
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
