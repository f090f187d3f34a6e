import { setTimeout as sleep } from 'node:timers/promises';
import ipaddr from 'ipaddr.js';
import type { Role } from '../../entities/User.ts';
import type { Clock } from '../clock.ts';
import type { Wake } from '../cluster/wake.ts';
import type { Database } from '../database/transaction.ts';
import type { Logger } from '../logger.ts';
import { readAccess, readAccessVersion, readRevoked, type AccessTables } from './accessStore.ts';
import { isGranted, type Identity, type Permission } from './permissions.ts';

const POLL_MS = 500;
/** A revocation is looked for so long after its time, since clocks differ and transactions take their time to commit. */
const OVERLAP_MS = 60_000;

export interface AccessControlServices {
  database: Database;
  clock: Clock;
  logger: Logger;
  wake: Wake;
  /** A revoked login is of no interest when its last access token has run out. */
  accessTokenSeconds: number;
}

/*
 * Who may do what, on this node: revoked logins, roles, permissions and the networks that administrators may come from, all
 * as the database has them, kept in memory because every request and every message asks.
 *
 * The node that changes something reads it back before it answers; the others are woken over Redis and poll twice a second,
 * so that a revocation reaches their open sockets within a second also without Redis.
 */
export class AccessControl {
  /** Login → when the last access token of it has run out. */
  private readonly revoked = new Map<number, number>();
  private readonly watchers = new Map<number, Set<() => void>>();
  private tables!: AccessTables;
  private version = -1;
  private readonly stopping = new AbortController();
  private reading: Promise<void> | undefined;
  private polling: Promise<void> | undefined;
  private leave: (() => void) | undefined;

  static async load(services: AccessControlServices): Promise<AccessControl> {
    const access = new AccessControl(services);
    await access.read(services.accessTokenSeconds * 1000 + OVERLAP_MS);
    return access;
  }

  private constructor(private readonly services: AccessControlServices) {}

  start(): void {
    this.leave = this.services.wake.subscribe(() => void this.tryToRefresh());
    this.polling = this.poll();
  }

  async stop(): Promise<void> {
    this.leave?.();
    this.stopping.abort();
    await this.polling;
    await this.reading;
  }

  /** The one function that is asked, by every route and every room. */
  can(identity: Pick<Identity, 'userId' | 'role'>, permission: Permission): boolean {
    return isGranted({ ...identity, role: this.roleOf(identity.userId) }, permission, this.tables);
  }

  roleOf(userId: number): Role {
    return this.tables.staff.get(userId) ?? 'user';
  }

  isRevoked(sessionId: number): boolean {
    return this.revoked.has(sessionId);
  }

  /** Calls `end` once when the login is revoked, at once when it is already. Returns how to stop watching. */
  watchLogin(sessionId: number, end: () => void): () => void {
    if (this.isRevoked(sessionId)) {
      end();
      return () => undefined;
    }
    const ends = this.watchers.get(sessionId) ?? new Set();
    this.watchers.set(sessionId, ends.add(end));
    return () => {
      ends.delete(end);
      if (ends.size === 0) this.watchers.delete(sessionId);
    };
  }

  /** Whether the administration may be used from an address. An empty list allows every one. */
  isAddressAllowed(ip: string): boolean {
    const { networks } = this.tables;
    return networks.length === 0 || isInside(ip, networks);
  }

  /** After a committed change: this node knows of it when this resolves, the others soon after. */
  async changed(): Promise<void> {
    this.services.wake.publish();
    await this.refresh();
  }

  private async poll(): Promise<void> {
    while (!this.stopping.signal.aborted) {
      await sleep(POLL_MS, undefined, { signal: this.stopping.signal, ref: false }).catch(() => undefined);
      if (!this.stopping.signal.aborted) await this.tryToRefresh();
    }
  }

  private async tryToRefresh(): Promise<void> {
    try {
      await this.refresh();
    } catch (error) {
      this.services.logger.warn({ err: error }, 'changes of access could not be read');
    }
  }

  /** Reads that are asked for while one runs begin after it, since it may have read too early for them. */
  private async refresh(): Promise<void> {
    const before = this.reading;
    const next = (async () => {
      await before?.catch(() => undefined);
      await this.read(OVERLAP_MS);
    })();
    this.reading = next;
    try {
      await next;
    } finally {
      if (this.reading === next) this.reading = undefined;
    }
  }

  private async read(revokedWithinMs: number): Promise<void> {
    const { database, clock, accessTokenSeconds } = this.services;
    const nowMs = clock.nowMs();
    const version = await readAccessVersion(database);
    if (version !== this.version) {
      this.tables = await readAccess(database);
      this.version = version;
    }
    for (const { sessionId, revokedMs } of await readRevoked(database, nowMs - revokedWithinMs)) {
      this.revoke(sessionId, revokedMs + accessTokenSeconds * 1000 + OVERLAP_MS);
    }
    for (const [sessionId, endMs] of this.revoked) if (endMs < nowMs) this.revoked.delete(sessionId);
  }

  private revoke(sessionId: number, endMs: number): void {
    if (this.revoked.has(sessionId)) return;
    this.revoked.set(sessionId, endMs);
    const ends = this.watchers.get(sessionId) ?? [];
    this.watchers.delete(sessionId);
    for (const end of ends) end();
  }
}

export type Network = [address: ipaddr.IPv4 | ipaddr.IPv6, bits: number];

/** An IPv4 address that came over an IPv6 socket counts as itself. An address that cannot be read is in no network. */
export function isInside(ip: string, networks: readonly Network[]): boolean {
  if (!ipaddr.isValid(ip)) return false;
  const address = ipaddr.process(ip);
  return networks.some(
    ([network, bits]) => address.kind() === network.kind() && address.match(network, bits),
  );
}
