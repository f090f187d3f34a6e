import type { DeliveryStatus } from './wire.ts';

/** Key of what a state of a delivery is called; `shipped` alone is why something is not redeemed. */
export function stateKey(status: DeliveryStatus): string {
  return `redemption.${status === 'shipped' ? 'shippedState' : status}`;
}
