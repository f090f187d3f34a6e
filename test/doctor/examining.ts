/** What tests of the doctor share: an environment that is sound, and what it says of one part. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { createServer as createHttp, type Server as HttpServer } from 'node:http';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { once } from 'node:events';
import type { Clock } from '../../src/platform/clock.ts';
import { examine } from '../../src/doctor/examine.ts';
import type { Finding } from '../../src/doctor/finding.ts';

export const secret = () => randomBytes(32).toString('hex');
export const KEYS = { JWT_SECRET: secret(), SEED_ENCRYPTION_KEY: secret() };

export type Environment = Record<string, string>;

/** What is said of one part. */
export async function said(name: string, environment: Environment, clock?: Clock): Promise<Finding> {
  const findings = await examine({ environment: { ...KEYS, ...environment }, ...(clock && { clock }) });
  const finding = findings.find((one) => one.name === name);
  assert.ok(finding, `${name} is not among ${findings.map((one) => one.name).join(', ')}`);
  return finding;
}

interface Told {
  level: 'warn' | 'fail';
  found: RegExp;
  remedy: RegExp;
}

export function assertTold(finding: Finding, { level, found, remedy }: Told): void {
  assert.equal(finding.level, level, `${finding.name}: ${finding.found}`);
  assert.match(finding.found, found);
  assert.match((finding as { remedy: string }).remedy, remedy);
}

/** A clock that is ahead of this machine's. */
export function aheadBy(offMs: number): Clock {
  return { nowMs: () => Date.now() + offMs, monotonicMs: () => performance.now() };
}

export interface Listening {
  port: number;
  close(): Promise<void>;
}

/** A server in between that changes what is sent through it. Texts are of one length, so that what is around them stays true. */
export async function openRewriter(target: number, from: string, to: string): Promise<Listening> {
  assert.equal(from.length, to.length);
  const open = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(target, '127.0.0.1');
    for (const socket of [client, upstream]) {
      open.add(socket);
      socket.on('error', () => socket.destroy());
    }
    client.on('data', (data) => upstream.write(data.toString('latin1').replaceAll(from, to), 'latin1'));
    client.on('close', () => upstream.destroy());
    upstream.pipe(client);
  });
  return listening(server, () => open.forEach((socket) => socket.destroy()));
}

/** Whoever is at an address that is not a node's. */
export async function openStranger(health: string): Promise<Listening> {
  const server = createHttp((request, response) => {
    response.statusCode = request.url === '/health' ? 200 : 404;
    response.end(request.url === '/health' ? health : 'nothing here');
  });
  server.on('upgrade', (_request, socket) => {
    socket.end('HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
  });
  return listening(server);
}

export async function listening(
  server: Server | HttpServer,
  drop: () => void = () => undefined,
): Promise<Listening> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      server.close();
      drop();
      await once(server, 'close');
    },
  };
}
