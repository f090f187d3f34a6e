import { once } from 'node:events';
import type { Server as HttpServer } from 'node:http';
import type { Server } from '@colyseus/core';
import { StartError } from '../startError.ts';
import { bindErrorOf, type Address } from '../addressCheck.ts';
import { GuardedServer } from './guardedServer.ts';

/** The framework asks every listed node whether it lives, and waits for a Redis that is away for as long as it takes. */
const FRAMEWORK_LIMIT_MS = 15_000;

/**
 * Listens, in two steps: the port is bound before the framework tells the other nodes of this one, so that a node which nobody
 * can reach is never given a room. What comes in between is held by the server (guardedServer.ts). The framework's own way never
 * settles when the port is taken.
 * @throws StartError
 */
export async function listen(server: Server, { host, port }: Address): Promise<void> {
  const { server: httpServer } = server.transport as { server?: HttpServer };
  if (httpServer === undefined) throw new Error('The transport has no HTTP server');
  await bind(httpServer, { host, port });
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => reject(new StartError('REDIS_URL: Redis stopped answering during the start')),
    FRAMEWORK_LIMIT_MS,
  );
  try {
    await Promise.race([server.listen(port, host), late]);
  } finally {
    clearTimeout(timer);
  }
}

/** `http://host:port` of whatever is listened on; with PORT=0 the system has chosen the port. */
export function urlOf(server: Server, host: string): string {
  const address = (server.transport as { server?: HttpServer }).server?.address();
  if (address === null || typeof address !== 'object') throw new Error('The server does not listen');
  return `http://${host.includes(':') ? `[${host}]` : host}:${address.port}`;
}

async function bind(httpServer: HttpServer, { host, port }: Address): Promise<void> {
  if (httpServer instanceof GuardedServer) httpServer.hold();
  httpServer.listen(port, host);
  try {
    await once(httpServer, 'listening');
  } catch (error) {
    throw bindErrorOf(error, { host, port });
  }
}
