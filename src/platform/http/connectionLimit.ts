import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { LIMITS } from '../limits.ts';
import { networkOf } from '../network.ts';
import { TokenBucket, type BucketSize } from '../sockets/tokenBucket.ts';
import { Addresses } from './address.ts';

export interface ConnectionSettings {
  trustedProxies: readonly string[];
  connectionsPerAddress: number;
}

/** How often whoever is refused is refused at once. */
export interface RefusalPace {
  /** For all connections of one network. */
  atOnce: BucketSize;
  /** Beyond that: how long the next request of a connection waits that was refused. */
  waitMs: number;
}

/** The connections of one network. */
interface Connections {
  open: Set<Socket>;
  /** Those that nothing is answered on, the one that has been idle for longest first. */
  idle: Set<Socket>;
  refusals: TokenBucket;
}

interface Counted {
  connections: Connections;
  /** Requests that are being answered. */
  answering: number;
  /** Until when, in time that passes, further requests wait. */
  waitsUntilMs: number;
}

/**
 * How many connections a network has open. Where it has as many as it may have, a further one takes the place of one that
 * nothing is answered on, so that whoever shares an address with idle connections is not shut out by them; when all of them are
 * in use it is refused. To refuse a call costs little, but is not for nothing: whoever goes on calling all the same is heard
 * more slowly. Those of trusted proxies are everybody's, and neither counted nor slowed.
 */
export class ConnectionLimit {
  private readonly networks = new Map<string, Connections>();
  private readonly counted = new WeakMap<Socket, Counted>();
  private readonly addresses: Addresses;

  constructor(
    private readonly settings: ConnectionSettings,
    private readonly pace: RefusalPace,
  ) {
    this.addresses = new Addresses(settings.trustedProxies);
  }

  /** Counts a connection until it is closed; false when its network has as many in use as it may have. */
  admit(socket: Socket): boolean {
    const { remoteAddress } = socket;
    // Closed again before it was looked at.
    if (remoteAddress === undefined) return false;
    if (this.addresses.isProxy(remoteAddress)) return true;
    const network = networkOf(remoteAddress);
    const connections = this.networks.get(network) ?? {
      ...{ open: new Set(), idle: new Set() },
      refusals: new TokenBucket(this.pace.atOnce, performance.now()),
    };
    if (connections.open.size >= this.settings.connectionsPerAddress) {
      const [longest] = connections.idle;
      if (longest === undefined) return false;
      forget(connections, longest);
      longest.destroy();
    }
    this.networks.set(network, connections);
    connections.open.add(socket);
    connections.idle.add(socket);
    this.counted.set(socket, { connections, answering: 0, waitsUntilMs: -Infinity });
    socket.once('close', () => {
      forget(connections, socket);
      if (connections.open.size === 0 && this.networks.get(network) === connections)
        this.networks.delete(network);
    });
    return true;
  }

  /**
   * A request has come on it: it is in use until the answer is sent. Returns how long the request waits before it is looked at;
   * Infinity: it is not, since so many others of the same connection are under way already.
   */
  answer(socket: Socket, response: ServerResponse): number {
    const counted = this.counted.get(socket);
    if (counted === undefined) return 0;
    if (counted.answering === LIMITS.requestsPerConnection) return Infinity;
    const { open, idle } = counted.connections;
    counted.answering += 1;
    idle.delete(socket);
    response.once('close', () => {
      counted.answering -= 1;
      if (counted.answering === 0 && open.has(socket)) idle.add(socket);
      if (response.statusCode === 429) this.slow(counted);
    });
    return Math.max(0, counted.waitsUntilMs - performance.now());
  }

  /** It carries something else than HTTP from now on, and is in use until it is closed. */
  keep(socket: Socket): void {
    this.counted.get(socket)?.connections.idle.delete(socket);
  }

  private slow(counted: Counted): void {
    const nowMs = performance.now();
    if (!counted.connections.refusals.take(nowMs)) counted.waitsUntilMs = nowMs + this.pace.waitMs;
  }
}

function forget({ open, idle }: Connections, socket: Socket): void {
  open.delete(socket);
  idle.delete(socket);
}
