import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { networkOf } from '../network.ts';
import { Addresses } from './address.ts';

export interface ConnectionSettings {
  trustedProxies: readonly string[];
  connectionsPerAddress: number;
}

/** The connections of one network. */
interface Connections {
  open: Set<Socket>;
  /** Those that nothing is answered on, the one that has been idle for longest first. */
  idle: Set<Socket>;
}

/**
 * How many connections a network has open. Where it has as many as it may have, a further one takes the place of one that
 * nothing is answered on, so that whoever shares an address with idle connections is not shut out by them; when all of them are
 * in use it is refused. Those of trusted proxies are everybody's, and not counted.
 */
export class ConnectionLimit {
  private readonly networks = new Map<string, Connections>();
  private readonly counted = new WeakMap<Socket, { connections: Connections; answering: number }>();
  private readonly addresses: Addresses;

  constructor(private readonly settings: ConnectionSettings) {
    this.addresses = new Addresses(settings.trustedProxies);
  }

  /** Counts a connection until it is closed; false when its network has as many in use as it may have. */
  admit(socket: Socket): boolean {
    const { remoteAddress } = socket;
    // Closed again before it was looked at.
    if (remoteAddress === undefined) return false;
    if (this.addresses.isProxy(remoteAddress)) return true;
    const network = networkOf(remoteAddress);
    const connections = this.networks.get(network) ?? { open: new Set(), idle: new Set() };
    if (connections.open.size >= this.settings.connectionsPerAddress) {
      const [longest] = connections.idle;
      if (longest === undefined) return false;
      forget(connections, longest);
      longest.destroy();
    }
    this.networks.set(network, connections);
    connections.open.add(socket);
    connections.idle.add(socket);
    this.counted.set(socket, { connections, answering: 0 });
    socket.once('close', () => {
      forget(connections, socket);
      if (connections.open.size === 0 && this.networks.get(network) === connections)
        this.networks.delete(network);
    });
    return true;
  }

  /** A request has come on it: it is in use until the answer is sent. */
  answer(socket: Socket, response: ServerResponse): void {
    const counted = this.counted.get(socket);
    if (counted === undefined) return;
    const { open, idle } = counted.connections;
    counted.answering += 1;
    idle.delete(socket);
    response.once('close', () => {
      counted.answering -= 1;
      if (counted.answering === 0 && open.has(socket)) idle.add(socket);
    });
  }

  /** It carries something else than HTTP from now on, and is in use until it is closed. */
  keep(socket: Socket): void {
    this.counted.get(socket)?.connections.idle.delete(socket);
  }
}

function forget({ open, idle }: Connections, socket: Socket): void {
  open.delete(socket);
  idle.delete(socket);
}
