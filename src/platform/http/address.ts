import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import express, { type Request } from 'express';
import ipaddr from 'ipaddr.js';

/**
 * The client's address, in one way of writing: IPv4 that came over an IPv6 socket as itself. Express has taken it from
 * X-Forwarded-For only as far as proxies that are trusted have written it; what such a proxy passes on may be no address.
 */
export function addressOf({ ip = '' }: Pick<Request, 'ip'>): string {
  return isIP(ip) === 0 ? 'unknown' : ipaddr.process(ip).toString();
}

/** The addresses of requests that Express has not been given yet, as it will tell them. */
export class Addresses {
  /** A request of Express is made of this and knows what proxies its application trusts. */
  private readonly seen: Request;
  private readonly trusts: (address: string, hop: number) => boolean;

  constructor(trustedProxies: readonly string[] = []) {
    const app = express().set('trust proxy', [...trustedProxies]) as unknown as { request: Request };
    this.seen = app.request;
    this.trusts = this.seen.app.get('trust proxy fn') as Addresses['trusts'];
  }

  of({ headers, socket }: IncomingMessage): string {
    return addressOf(Object.assign(Object.create(this.seen) as Request, { headers, socket }));
  }

  isProxy(address: string): boolean {
    return this.trusts(address, 0);
  }
}
