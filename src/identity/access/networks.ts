import ipaddr from 'ipaddr.js';
import type { Network } from './accessStore.ts';

/** An IPv4 address that came over an IPv6 socket counts as itself. An address that cannot be read is in no network. */
export function isInside(ip: string, networks: readonly Network[]): boolean {
  if (!ipaddr.isValid(ip)) return false;
  const address = ipaddr.process(ip);
  return networks.some(
    ([network, bits]) => address.kind() === network.kind() && address.match(network, bits),
  );
}
