import ipaddr from 'ipaddr.js';
import type { Request } from 'express';
import { isIP } from 'node:net';

/**
 * The client's address, in one way of writing: IPv4 that came over an IPv6 socket as itself. Express has taken it from
 * X-Forwarded-For only as far as proxies that are trusted have written it; what such a proxy passes on may be no address.
 */
export function addressOf(request: Request): string {
  const { ip = '' } = request;
  return isIP(ip) === 0 ? 'unknown' : ipaddr.process(ip).toString();
}
