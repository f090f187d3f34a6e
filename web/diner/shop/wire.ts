/** What the shop reads of the API. */
export interface Product {
  product_id: number;
  name: string;
  description: string;
  image_url: string | null;
  price: number;
  stock: number;
  status: 'active' | 'inactive';
  /** Days after the one of the exchange for which a piece is good; null: for ever. */
  valid_days: number | null;
  version: number;
}

export interface Exchanged {
  exchange_id: number;
  quantity: number;
  points_cost: number;
  item_ids: number[];
  balance: number;
}
