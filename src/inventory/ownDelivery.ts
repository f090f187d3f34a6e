/** A delivery, as whoever it is sent to sees it: all of it. */
import { z } from 'zod';
import type { InventoryDelivery } from '../../entities/inventory/InventoryDelivery.ts';
import { timeShape } from '../platform/shapes.ts';

export const deliveryStatusShape = z.enum(['requested', 'preparing', 'shipped', 'delivered', 'collected']);

export const ownDeliveryShape = z.object({
  status: deliveryStatusShape,
  name: z.string().nullable(),
  phone: z.string().nullable(),
  address: z.string().nullable(),
  carrier: z.string().nullable(),
  tracking_no: z.string().nullable(),
  updated_at: timeShape,
});

export function ownDeliveryToWire(delivery: InventoryDelivery): z.output<typeof ownDeliveryShape> {
  const { status, address: place, carrier, tracking_no, updated_at } = delivery;
  const { name = null, phone = null, address = null } = place ?? {};
  return { status, name, phone, address, carrier, tracking_no, updated_at: updated_at.toISOString() };
}
