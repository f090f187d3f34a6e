/** Of the API, as the OpenAPI document has it. */
export const ITEM_STATUSES = [
  'available',
  'locked',
  'unclaimed',
  'claimed',
  'redeemed',
  'expired',
  'void',
] as const;
export const SOURCES = ['exchange', 'lottery'] as const;

export interface OwnedItem {
  item_id: number;
  name: string;
  image_url: string | null;
  type: string;
  status: (typeof ITEM_STATUSES)[number];
  source: string;
  value: number;
  user_id: number;
  /** The nickname, masked. */
  user: string;
  created_at: string;
  expires_at: string | null;
  redeemed_at: string | null;
  redeemed_restaurant_id: number | null;
}

/** What it may still be used for. */
export const LOOKS: Record<OwnedItem['status'], string> = {
  available: 'ok',
  locked: 'warn',
  unclaimed: 'accent',
  claimed: 'accent',
  redeemed: '',
  expired: '',
  void: 'bad',
};
