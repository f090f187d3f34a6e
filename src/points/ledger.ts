/*
 * The only place that changes a points account (PTS-2).
 *
 * An account has three balances, in 1/100 point: available + frozen = total, none below zero (PTS-3). Whoever moves points
 * first locks the accounts, in the order of their user ids (DRAW-9), then posts entries. Each entry becomes one row with
 * the available balance before and after it, and the account is written with absolute values in the same transaction, so
 * an account always equals the fold of its rows. Rows are never changed but for their status; a correction is a new row.
 *
 * Gains make lots, and losses lengthen the line of spending that takes of them: lotBook.ts.
 */
import { PointsTransaction } from '../../entities/points/PointsTransaction.ts';
import { UserPointsAccount } from '../../entities/points/UserPointsAccount.ts';
import { insertAll, insertOne, upsertAll } from '../platform/database/bulk.ts';
import { forUpdate, type Tx } from '../platform/database/transaction.ts';
import { AppError } from '../platform/errors.ts';
import { emitEvents, type NewEvent } from '../platform/events/outbox.ts';
import { tellPeople } from '../platform/sync.ts';
import {
  accountRows,
  earliest,
  LOCKED_COLUMNS,
  lockedOf,
  lotOf,
  movedBy,
  transactionRow,
  type LedgerEntry,
  type LockedAccount,
  type LockedRow,
  type NewRow,
} from './entries.ts';
import type { Lot, LotBook, LotPart } from './lotBook.ts';
import { insertLots, readBooks, storeBooks, type Spending } from './lots.ts';
import { Sums } from './statistics/sums.ts';
import { isEarning } from './transactionTypes.ts';

export type { LedgerEntry, LockedAccount };

/** An entry that was posted alone. */
export interface PostedEntry {
  transactionId: number;
  userId: number;
  balanceAfterHundredths: number;
}

/** A lot, and which row makes it. */
interface NewLot {
  lot: Lot;
  at: number;
}

/** Entries that are posted together: each is applied at once, to copies of accounts that the transaction holds. */
export class Postings {
  /** Of those whose lots have been read, the line of their spending settled. Changes are stored with the entries. */
  readonly books = new Map<number, LotBook>();
  private readonly rows: NewRow[] = [];
  private readonly lots: NewLot[] = [];
  private readonly events: NewEvent[] = [];
  private readonly sums = new Sums();
  private readonly changed = new Map<number, LockedAccount>();
  private readonly at: Date;

  /**
   * What has ended by now is expired first, whoever looked last: nobody spends it (RP-8). Costs nothing where nothing has.
   * @param accounts left as they are until all is stored
   * @param look whose lots are read in any case, and which pieces of their lines may be given back
   */
  static async open(
    tx: Tx,
    accounts: ReadonlyMap<number, LockedAccount>,
    nowMs: number,
    { lotsOf = [], pieces = [] }: { lotsOf?: readonly number[]; pieces?: readonly Spending[] } = {},
  ): Promise<Postings> {
    const postings = new Postings(accounts, nowMs, tx.dayOf(nowMs));
    const read = [...accounts.values()].filter(
      ({ userId, nextDueMs }) => (nextDueMs !== null && nextDueMs <= nowMs) || lotsOf.includes(userId),
    );
    if (read.length > 0) postings.take(await readBooks(tx, read, pieces));
    return postings;
  }

  private constructor(
    private readonly accounts: ReadonlyMap<number, LockedAccount>,
    private readonly nowMs: number,
    /** The business day that all of it falls on. */
    readonly day: string,
  ) {
    this.at = new Date(nowMs);
  }

  /** With the entries so far; undefined: the user has none, or it is not locked. */
  accountOf(userId: number): Readonly<LockedAccount> | undefined {
    return this.changed.get(userId) ?? this.accounts.get(userId);
  }

  /**
   * After a refusal nothing has changed. A gain pays the debt first (RP-7).
   * @returns which of the rows it has become
   * @throws AppError POINTS_INSUFFICIENT, NOT_FOUND for a user without an account, CONFLICT above the largest balance.
   */
  add(entry: LedgerEntry): number {
    const account = this.accountOf(entry.userId);
    if (account === undefined) throw new AppError('NOT_FOUND');
    const next = movedBy(account, entry);
    this.rows.push(transactionRow(entry, account, next, this.at));
    const at = this.rows.length - 1;
    if (entry.amountHundredths > 0 && entry.isOffLots !== true) {
      this.lots.push({ lot: lotOf(entry, account, this.nowMs), at });
      next.nextDueMs = earliest(next.nextDueMs, entry.expiresAtMs ?? null);
    }
    this.changed.set(entry.userId, { ...next, ...this.sums.count(this.day, entry, next) });
    if (next.debtHundredths > 0 && isEarning(entry.type) && entry.amountHundredths > 0) this.payDebt(entry);
    return at;
  }

  /** As `add`, of a gain that comes in several lots. */
  addInLots(
    entry: LedgerEntry,
    parts: readonly Pick<LedgerEntry, 'amountHundredths' | 'expiresAtMs'>[],
  ): number {
    const at = this.add({ ...entry, isOffLots: true });
    const account = this.accountOf(entry.userId)!;
    this.lots.push(...parts.map((part) => ({ lot: lotOf({ ...entry, ...part }, account, this.nowMs), at })));
    const ends = parts.map(({ expiresAtMs = null }) => expiresAtMs);
    this.changed.set(entry.userId, { ...account, nextDueMs: ends.reduce(earliest, account.nextDueMs) });
    return at;
  }

  /**
   * With a number of statements that does not depend on how many entries there are.
   * @param leavesEarnedOpen what was earned stays in the accounts for a moment, where writing it to its periods takes too long
   */
  async store(tx: Tx, { leavesEarnedOpen = false } = {}): Promise<void> {
    if (!leavesEarnedOpen) this.countEarned();
    await Promise.all([
      insertAll(tx, PointsTransaction, this.rows),
      insertLots(
        tx,
        this.lots.map(({ lot }) => lot),
      ),
      this.storeRest(tx),
    ]);
  }

  /** As `store`. @param at what `add` has returned. @returns the id of that row, which the lots made with it name as well. */
  async storeOne(tx: Tx, at: number): Promise<number> {
    return (await this.storeNamed(tx, [at]))[0]!;
  }

  /** As `storeOne`, of a few rows in their order. @param beside is written together with their lots */
  async storeNamed(
    tx: Tx,
    named: readonly number[],
    beside: (ids: readonly number[]) => Promise<unknown> = () => Promise.resolve(),
  ): Promise<number[]> {
    this.countEarned();
    const ids = new Map<number, number>();
    const inserts: Promise<unknown>[] = [];
    let from = 0;
    for (const at of named) {
      inserts.push(
        insertAll(tx, PointsTransaction, this.rows.slice(from, at)),
        insertOne(tx, PointsTransaction, this.rows[at]!).then((id) => ids.set(at, id)),
      );
      from = at + 1;
    }
    await Promise.all([
      ...inserts,
      insertAll(tx, PointsTransaction, this.rows.slice(from)),
      this.storeRest(tx),
    ]);
    const idsOfNamed = named.map((at) => ids.get(at)!);
    const lots = this.lots.map(({ lot, at }) => ({ ...lot, transactionId: ids.get(at) ?? null }));
    await Promise.all([insertLots(tx, lots), beside(idsOfNamed)]);
    return idsOfNamed;
  }

  /** Takes another look at lots that somebody has changed: what came back may have ended meanwhile. */
  expire(userId: number): void {
    const expired = this.books.get(userId)!.expire(this.nowMs);
    for (const { lot, amount } of expired) {
      this.add({
        userId,
        type: 'expire',
        amountHundredths: -amount,
        source: 'expiry',
        reason: 'expired',
        relatedId: String(lot.lotId),
        isOffLots: true,
      });
    }
    if (expired.length > 0) this.events.push(expiredEvent(userId, expired));
  }

  /** Writes down a debt, or that it is none any more. */
  setDebt(userId: number, debtHundredths: number): void {
    this.changed.set(userId, { ...this.accountOf(userId)!, debtHundredths });
  }

  /** What was earned of experience so far, and the level that it makes. */
  setLevel(
    userId: number,
    { experiencePoints, level }: Pick<LockedAccount, 'experiencePoints' | 'level'>,
  ): void {
    this.changed.set(userId, { ...this.accountOf(userId)!, experiencePoints, level });
  }

  /** Moves what earlier transactions have left open as well. */
  private countEarned(): void {
    for (const { userId } of this.accounts.values()) {
      const account = this.accountOf(userId)!;
      if (account.openEarned > 0) this.changed.set(userId, this.sums.countEarned(userId, account));
    }
  }

  private take(books: ReadonlyMap<number, LotBook>): void {
    for (const [userId, book] of books) {
      const account = this.accountOf(userId)!;
      book.settle(account.spentTotal);
      this.books.set(userId, book);
      this.changed.set(userId, account);
      this.expire(userId);
    }
  }

  private payDebt({ userId, source }: LedgerEntry): void {
    const { debtHundredths, availableHundredths } = this.accountOf(userId)!;
    const amount = Math.min(debtHundredths, availableHundredths);
    const entry = { userId, source, reason: 'debt', relatedId: null };
    this.add({ ...entry, type: 'debt_repayment', amountHundredths: -amount });
    this.setDebt(userId, debtHundredths - amount);
  }

  private async storeRest(tx: Tx): Promise<void> {
    for (const [userId, book] of this.books) {
      const made = this.lots.filter(({ lot }) => lot.userId === userId);
      const ends = made.map(({ lot }) => lot.expiresAtMs);
      this.changed.set(userId, {
        ...this.accountOf(userId)!,
        settledTotal: book.settled,
        nextDueMs: ends.reduce(earliest, book.nextDueMs),
      });
    }
    const rows = accountRows(this.changed.values(), this.accounts, this.at);
    await Promise.all([
      ...rows.map((alike) =>
        upsertAll(tx, UserPointsAccount, alike, { user_id: 'kept', created_at: 'kept' }),
      ),
      storeBooks(tx, this.books.values()),
      this.sums.store(tx),
      emitEvents(tx, this.events, this.nowMs),
    ]);
    tellPeople(tx, [...this.changed.keys()], { entity: 'points', change: null });
    for (const account of this.changed.values()) Object.assign(this.accounts.get(account.userId)!, account);
  }
}

/**
 * Applies the entries in order. All or none: after a refusal neither the rows nor the accounts in `locked` have changed.
 * @param locked accounts that the transaction already holds; absent: they are locked here.
 * @throws AppError as `Postings.add`.
 */
export async function post(
  tx: Tx,
  entries: readonly LedgerEntry[],
  nowMs: number,
  locked?: ReadonlyMap<number, LockedAccount>,
): Promise<void> {
  const users = entries.map((entry) => entry.userId);
  const postings = await Postings.open(tx, locked ?? (await lockAccounts(tx, users)), nowMs);
  for (const entry of entries) postings.add(entry);
  await postings.store(tx);
}

/** What has ended of their lots, and what was left open: which of them that is of, the rows say that are held. */
export async function postWhatIsDue(tx: Tx, userIds: readonly number[], nowMs: number): Promise<void> {
  await post(tx, [], nowMs, await lockAccounts(tx, userIds));
}

/** As `post`, for one entry, and tells which row it has become. */
export async function postOne(tx: Tx, entry: LedgerEntry, nowMs: number): Promise<PostedEntry> {
  const { userId } = entry;
  const postings = await Postings.open(tx, await lockAccounts(tx, [userId]), nowMs);
  const transactionId = await postings.storeOne(tx, postings.add(entry));
  return { transactionId, userId, balanceAfterHundredths: postings.accountOf(userId)!.availableHundredths };
}

/** Locks the accounts in the order of their user ids (DRAW-9). A user without an account is absent from the answer. */
export async function lockAccounts(tx: Tx, userIds: readonly number[]): Promise<Map<number, LockedAccount>> {
  if (userIds.length === 0) return new Map();
  const rows = await tx.query<LockedRow>(
    `SELECT ${LOCKED_COLUMNS} FROM user_points_accounts
       WHERE user_id IN (?) ORDER BY user_id${forUpdate(tx)}`,
    [[...new Set(userIds)].sort((a, b) => a - b)],
  );
  return new Map(rows.map((row) => [row.user_id, lockedOf(row)]));
}

/** Opens the empty account of a new user. */
export async function openAccount(tx: Tx, userId: number, nowMs: number): Promise<void> {
  await openAccounts(tx, [userId], nowMs);
}

/** As `openAccount`, of many. */
export async function openAccounts(tx: Tx, userIds: readonly number[], nowMs: number): Promise<void> {
  const at = new Date(nowMs);
  const rows = userIds.map((userId) => ({
    user_id: userId,
    total_points: 0,
    available_points: 0,
    frozen_points: 0,
    history_total_points: 0,
    created_at: at,
    updated_at: at,
  }));
  await insertAll(tx, UserPointsAccount, rows);
}

function expiredEvent(userId: number, expired: readonly LotPart[]): NewEvent {
  const amount = expired.reduce((sum, part) => sum + part.amount, 0);
  return { type: 'points:expired', userId, data: { user_id: userId, amount: amount / 100 } };
}
