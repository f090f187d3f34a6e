/** Which addresses events may be sent to: public ones, and those of networks that the operator names. */
import ipaddr from 'ipaddr.js';

type Address = ipaddr.IPv4 | ipaddr.IPv6;
type Network = [Address, number];

/** Public by its range, and a cloud's service for its own machines all the same. */
const CLOUD_SERVICES: readonly Network[] = [ipaddr.parseCIDR('168.63.129.16/32')];
/** The only IPv6 addresses that anybody has been given. */
const GLOBAL_UNICAST = ipaddr.parseCIDR('2000::/3');
/** IPv4 addresses as a network without IPv4 writes them. */
const TRANSLATED = ipaddr.parseCIDR('64:ff9b::/96');

export class AllowedAddresses {
  private readonly networks: readonly Network[];

  /** @param networks addresses and CIDRs */
  constructor(networks: readonly string[]) {
    this.networks = networks.map(networkOf);
  }

  /** Whether it is in a network that the operator names. */
  isNamed(ip: string): boolean {
    return ipaddr.isValid(ip) && isIn(ipaddr.process(ip), this.networks);
  }

  /** Whether events may be sent there over https. */
  isAllowed(ip: string): boolean {
    if (!ipaddr.isValid(ip)) return false;
    return this.isNamed(ip) || isPublic(ipaddr.process(ip));
  }
}

function networkOf(text: string): Network {
  const address = text.includes('/') ? undefined : ipaddr.parse(text);
  const [network, bits] = address === undefined ? ipaddr.parseCIDR(text) : [address, bitsOf(address)];
  // As an address within it is written once its mapping is undone.
  if (network instanceof ipaddr.IPv6 && network.isIPv4MappedAddress() && bits >= 96)
    return [network.toIPv4Address(), bits - 96];
  return [network, bits];
}

function bitsOf(address: Address): number {
  return address.toByteArray().length * 8;
}

function isPublic(address: Address): boolean {
  if (isIn(address, [TRANSLATED])) {
    const embedded = ipaddr.fromByteArray(address.toByteArray().slice(12));
    return isPublic(embedded);
  }
  if (address.range() !== 'unicast' || isIn(address, CLOUD_SERVICES)) return false;
  return address.kind() === 'ipv4' || isIn(address, [GLOBAL_UNICAST]);
}

function isIn(address: Address, networks: readonly Network[]): boolean {
  return networks.some(
    ([network, bits]) => address.kind() === network.kind() && address.match(network, bits),
  );
}
