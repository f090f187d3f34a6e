import { setTimeout as sleep } from 'node:timers/promises';
import type { Role } from '../../../entities/identity/User.ts';
import type { Caller, Permission } from '../../platform/caller.ts';
import { systemTicks, type Clock, type Ticks } from '../../platform/clock.ts';
import type { Wake } from '../../platform/cluster/wake.ts';
import { coalesce } from '../../platform/coalesce.ts';
import type { Database } from '../../platform/database/transaction.ts';
import { AppError } from '../../platform/errors.ts';
import type { Logger } from '../../platform/logger.ts';
import { pauseUntil } from '../../platform/repeating.ts';
import {
  pruneAccessChanges,
  readAccessChanges,
  readAccessVersion,
  type RecordedAccessChange,
} from './accessFeed.ts';
import type { KnownKey } from '../apiKeys/keyStore.ts';
import { findRevoked, readAccess, readRevoked, type AccessTables } from './accessStore.ts';
import { isInside } from './networks.ts';
import { isGranted } from './permissions.ts';
import { RevokedLogins } from './revokedLogins.ts';

const POLL_MS = 500;
/** What this node knows may be so old. Whoever asks later is refused until it has read again. */
const STALE_MS = 5000;
/** A database that does not even refuse is given up for so long, and asked anew. */
const READ_LIMIT_MS = 4000;
/** While it is refusing, it reads no more often than this, however many ask. */
const RETRY_MS = 100;
const CHANGES_AT_ONCE = 1000;
/** So far clocks may be wrong: revoked logins are remembered, and looked for at the start, for so much longer. */
const CLOCK_TOLERANCE_MS = 86_400_000;
/** Longer than any node stands still that is worth a cursor. */
const KEEP_CHANGES_MS = 7 * 86_400_000;
const PRUNE_MS = 3_600_000;

export interface AccessControlServices {
  database: Database;
  clock: Clock;
  logger: Logger;
  wake: Wake;
  /** A revoked login is of no interest when its last access token has run out. */
  accessTokenSeconds: number;
  ticks?: Ticks;
}

/** Users whose names may have changed; undefined: anybody's. */
export type PersonsListener = (userIds: ReadonlySet<number> | undefined) => void;

/*
 * Who may do what, on this node: revoked logins, roles, permissions and the networks that administrators may come from, all
 * as the database has them, kept in memory because every request and every message asks.
 *
 * It follows the list of changes by a cursor (accessFeed.ts). The node that changes something reads it back before it answers;
 * the others are woken over Redis and poll twice a second, so that a revocation reaches their open sockets within a second
 * also without Redis.
 *
 * States: current → stale → current. A node is current for STALE_MS from the beginning of a read that succeeded. It may stand
 * still at any moment and wake up minutes later, with timers that are due and answers on their way that are old: so every
 * question asks first whether the node is current, and is refused with BUSY when it is not. A read that succeeds ends that.
 */
export class AccessControl {
  private readonly revoked: RevokedLogins;
  private readonly personsListeners = new Set<PersonsListener>();
  private readonly rightsListeners = new Set<() => void>();
  private readonly ticks: Ticks;
  private tables!: AccessTables;
  /** The newest change that is known here. */
  private cursor = -1;
  /** When the last read that succeeded began. */
  private readAt: Moment | undefined;
  private triedAt = -Infinity;
  private prunedAt: number;
  private readonly stopping = new AbortController();
  private polling: Promise<void> | undefined;
  private leave: (() => void) | undefined;
  private reading: Promise<void> | undefined;
  private pruning: Promise<void> | undefined;
  private readonly refresh = coalesce(() => (this.reading = this.read()));

  static async load(services: AccessControlServices): Promise<AccessControl> {
    const access = new AccessControl(services);
    await access.refresh();
    return access;
  }

  private constructor(private readonly services: AccessControlServices) {
    this.ticks = services.ticks ?? systemTicks;
    this.revoked = new RevokedLogins(services.accessTokenSeconds * 1000 + CLOCK_TOLERANCE_MS);
    this.prunedAt = this.ticks.monotonicMs();
  }

  start(): void {
    this.leave = this.services.wake.subscribe(() => void this.tryToRefresh());
    this.polling = this.poll();
  }

  async stop(): Promise<void> {
    this.leave?.();
    this.stopping.abort();
    await this.polling;
    await this.reading?.catch(() => undefined);
    await this.pruning;
  }

  /** The one function that is asked, by every route and every room. @throws AppError BUSY */
  can({ userId }: Pick<Caller, 'userId'>, permission: Permission): boolean {
    return isGranted({ userId, role: this.roleOf(userId) }, permission, this.tables);
  }

  /** @throws AppError BUSY */
  roleOf(userId: number): Role {
    this.requireCurrent();
    return this.tables.staff.get(userId) ?? 'user';
  }

  /** Of all who work here. What this node knew last: it is for show. */
  staffIds(): number[] {
    return [...this.tables.staff.keys()];
  }

  /** @throws AppError BUSY */
  isRevoked(sessionId: number): boolean {
    this.requireCurrent();
    return this.revoked.has(sessionId);
  }

  /** Refuses whatever depends on who may do what, while this node cannot know. @throws AppError BUSY */
  requireCurrent(): void {
    if (this.isCurrent()) return;
    if (this.ticks.monotonicMs() - this.triedAt >= RETRY_MS) void this.tryToRefresh();
    throw new AppError('BUSY', { details: { reason: 'access cannot be checked' } });
  }

  /** Calls `end` once when the login is revoked, at once when it is already. Returns how to stop watching. */
  watchLogin(sessionId: number, end: () => void): () => void {
    return this.revoked.watch(sessionId, end);
  }

  /** Tells of users who were renamed or have gone, after the commit. Returns how to stop. */
  watchPersons(listener: PersonsListener): () => void {
    this.personsListeners.add(listener);
    return () => this.personsListeners.delete(listener);
  }

  /** Tells that somebody may do what they might not before, or the other way round. Returns how to stop. */
  watchRights(listener: () => void): () => void {
    this.rightsListeners.add(listener);
    return () => this.rightsListeners.delete(listener);
  }

  /** Whether the administration may be used from an address. An empty list allows every one. @throws AppError BUSY */
  isAddressAllowed(ip: string): boolean {
    this.requireCurrent();
    const { networks } = this.tables;
    return networks.length === 0 || isInside(ip, networks);
  }

  /** By the public part of its text; undefined when it is revoked, or none. @throws AppError BUSY */
  apiKey(prefix: string): KnownKey | undefined {
    this.requireCurrent();
    return this.tables.apiKeys.get(prefix);
  }

  /** After a committed change: this node knows of it when this resolves, the others soon after. */
  async changed(): Promise<void> {
    this.services.wake.publish();
    await this.refresh();
  }

  private isCurrent(): boolean {
    if (this.readAt === undefined) return false;
    const { monotonicMs, wallMs } = momentOf(this.ticks);
    // A machine that was suspended goes by its wall clock alone.
    return monotonicMs - this.readAt.monotonicMs <= STALE_MS && wallMs - this.readAt.wallMs <= STALE_MS;
  }

  private async poll(): Promise<void> {
    while (!this.stopping.signal.aborted) {
      await pauseUntil(this.stopping.signal, POLL_MS);
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

  private async read(): Promise<void> {
    if (this.stopping.signal.aborted) return;
    const began = momentOf(this.ticks);
    this.triedAt = began.monotonicMs;
    await this.follow();
    this.readAt = began;
    this.revoked.forget(began.monotonicMs);
    this.prune(began.monotonicMs);
  }

  private async follow(): Promise<void> {
    for (;;) {
      const from = { cursor: this.cursor, limit: CHANGES_AT_ONCE };
      const changes =
        this.cursor < 0 ? undefined : await this.bounded(readAccessChanges(this.services.database, from));
      if (changes === undefined || !changes.every(isKnown)) return this.load();
      await this.apply(changes);
      if (changes.length < CHANGES_AT_ONCE) return;
    }
  }

  /** The cursor moves last: what has failed is read again. */
  private async apply(changes: readonly RecordedAccessChange[]): Promise<void> {
    const last = changes.at(-1);
    if (last === undefined) return;
    const idsOf = (kind: string) =>
      changes.flatMap((change) =>
        change.kind === kind && change.subjectId !== null ? [change.subjectId] : [],
      );
    for (const sessionId of idsOf('login')) this.revoke(sessionId);
    if (changes.some(({ kind }) => kind === 'tables')) {
      this.tables = await this.bounded(readAccess(this.services.database));
      this.tellOfRights();
    }
    const persons = new Set(idsOf('person'));
    if (persons.size > 0) this.tellOfPersons(persons);
    this.cursor = last.version;
  }

  /**
   * Everything: at the start, and when the cursor is lost. What is committed while this reads comes after the cursor, and is
   * read once more.
   */
  private async load(): Promise<void> {
    const { database, clock, accessTokenSeconds } = this.services;
    const cursor = await this.bounded(readAccessVersion(database));
    const sinceMs = clock.nowMs() - accessTokenSeconds * 1000 - CLOCK_TOLERANCE_MS;
    this.tables = await this.bounded(readAccess(database));
    for (const sessionId of await this.bounded(readRevoked(database, sinceMs))) this.revoke(sessionId);
    // A socket may be open for longer than any revocation is looked for.
    const { watched } = this.revoked;
    for (const sessionId of await this.bounded(findRevoked(database, watched))) this.revoke(sessionId);
    this.tellOfPersons(undefined);
    this.tellOfRights();
    this.cursor = cursor;
  }

  /** Rejects in time also when the database never answers; what it answers later is not looked at. */
  private async bounded<T>(reading: Promise<T>): Promise<T> {
    const isOver = new AbortController();
    const limit = sleep(READ_LIMIT_MS, undefined, { ref: false, signal: isOver.signal }).then(
      () => {
        throw new AppError('BUSY', { cause: new Error('the database does not answer') });
      },
      () => reading,
    );
    try {
      return await Promise.race([reading, limit]);
    } finally {
      isOver.abort();
    }
  }

  private tellOfPersons(userIds: ReadonlySet<number> | undefined): void {
    for (const listener of this.personsListeners) listener(userIds);
  }

  private tellOfRights(): void {
    for (const listener of this.rightsListeners) listener();
  }

  private revoke(sessionId: number): void {
    this.revoked.add(sessionId, this.ticks.monotonicMs());
  }

  /** Beside the reads, none of which waits for it. */
  private prune(nowTicks: number): void {
    if (nowTicks - this.prunedAt < PRUNE_MS) return;
    this.prunedAt = nowTicks;
    const { database, clock, logger } = this.services;
    this.pruning = pruneAccessChanges(database, clock.nowMs() - KEEP_CHANGES_MS).catch((error: unknown) =>
      logger.warn({ err: error }, 'old changes of access could not be removed'),
    );
  }
}

interface Moment {
  monotonicMs: number;
  wallMs: number;
}

function momentOf(ticks: Ticks): Moment {
  return { monotonicMs: ticks.monotonicMs(), wallMs: ticks.wallMs() };
}

/** A newer build may tell of what this one knows nothing about. */
function isKnown({ kind }: RecordedAccessChange): boolean {
  return kind === 'tables' || kind === 'login' || kind === 'person';
}
