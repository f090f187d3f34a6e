/** Of the API, as the OpenAPI document has it. */
export interface Restaurant {
  restaurant_id: number;
  name: string;
  address: string;
  phone: string;
  timezone: string;
  hours: { days: number[]; from: string; to: string }[];
  conversation_id: number;
  version: number;
}

export interface Redeemed {
  item_id: number;
  name: string;
  type: string;
  /** Nickname of who it belongs to. */
  user: string;
}

export type DeliveryStatus = 'requested' | 'preparing' | 'shipped' | 'delivered' | 'collected';
export const DELIVERY_STATUSES: readonly DeliveryStatus[] = [
  'requested',
  'preparing',
  'shipped',
  'delivered',
  'collected',
];

export interface Delivery {
  item_id: number;
  user_id: number;
  name: string;
  type: string;
  status: DeliveryStatus;
  phone: string | null;
  carrier: string | null;
  tracking_no: string | null;
  requested_at: string;
  updated_at: string;
}

export interface DeliveryDetail extends Delivery {
  recipient: string | null;
  address: string | null;
}
