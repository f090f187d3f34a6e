import type { Socket } from 'node:net';
import { networkOf } from '../network.ts';
import { Addresses } from './address.ts';

export interface ConnectionSettings {
  trustedProxies: readonly string[];
  connectionsPerAddress: number;
}

/** How many connections a network has open. Those of trusted proxies are everybody's, and not counted. */
export class ConnectionLimit {
  private readonly open = new Map<string, number>();
  private readonly addresses: Addresses;

  constructor(private readonly settings: ConnectionSettings) {
    this.addresses = new Addresses(settings.trustedProxies);
  }

  /** Counts a connection until it is closed; false when its network has as many as it may have. */
  admit(socket: Socket): boolean {
    const { remoteAddress } = socket;
    // Closed again before it was looked at.
    if (remoteAddress === undefined) return false;
    if (this.addresses.isProxy(remoteAddress)) return true;
    const network = networkOf(remoteAddress);
    const count = this.open.get(network) ?? 0;
    if (count >= this.settings.connectionsPerAddress) return false;
    this.open.set(network, count + 1);
    socket.once('close', () => this.release(network));
    return true;
  }

  private release(network: string): void {
    const count = this.open.get(network) ?? 0;
    if (count > 1) this.open.set(network, count - 1);
    else this.open.delete(network);
  }
}
