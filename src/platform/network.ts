import ipaddr from 'ipaddr.js';

/** Bits of the address that name a network, by kind of address. */
export interface NetworkBits {
  ipv4: number;
  ipv6: number;
}

/** What one customer of a provider has: a single IPv4 address, a whole IPv6 /64. */
const CUSTOMER: NetworkBits = { ipv4: 32, ipv6: 64 };
/** As near to a place as an address alone tells. */
export const REGION: NetworkBits = { ipv4: 24, ipv6: 48 };

/**
 * The network that an address is in, as `192.0.2.0/24`. A mapped IPv4 address counts as itself. Whatever is no address counts
 * as one network, or a proxy that passes such texts on would take the limits away.
 */
export function networkOf(ip: string, bits: NetworkBits = CUSTOMER): string {
  if (!ipaddr.isValid(ip)) return 'unknown';
  const address = ipaddr.process(ip);
  const size = bits[address.kind()];
  // Written anew from its bytes, without the zone that an address of one link may carry.
  const cidr = `${ipaddr.fromByteArray(address.toByteArray()).toString()}/${size}`;
  const ofKind = address.kind() === 'ipv4' ? ipaddr.IPv4 : ipaddr.IPv6;
  return `${ofKind.networkAddressFromCIDR(cidr).toString()}/${size}`;
}
