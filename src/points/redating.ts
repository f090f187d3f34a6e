/*
 * Gives points that are there the ends of another policy (RP-8): a changed setting changes none of them, and this does, when somebody
 * asks for it by a command. A lot then ends so many days after the one on which it came.
 *
 * Users are taken in the order of their ids, a few in a transaction and under their locks, beside whoever spends. What has been done
 * is not changed by doing it again: a run that was broken off is begun anew.
 */
import { MoreThan } from 'typeorm';
import { UserPointsAccount } from '../../entities/points/UserPointsAccount.ts';
import { recordAction } from '../admin/adminLog.ts';
import { businessDayOf, endOfBusinessDayIn, type Clock } from '../platform/clock.ts';
import type { Database, Tx } from '../platform/database/transaction.ts';
import { lockAccounts, Postings } from './ledger.ts';
import type { Lot, LotBook } from './lotBook.ts';
import { readSettled } from './lots.ts';

export interface Redating {
  /** Lots live for so many days. */
  days: number;
  /** Of the ledger rows that made them; undefined: any. */
  fromType: string | undefined;
  /** No lot ends sooner than so many days from now, but where it did anyway. */
  graceDays: number;
  timezone: string;
}

export interface RedatedSum {
  lots: number;
  users: number;
  hundredths: number;
}

/** What changes, by the last business day on which it may be spent, and by that one's month. */
export class RedatedLots {
  readonly all: RedatedSum = { lots: 0, users: 0, hundredths: 0 };
  readonly byDay = new Map<string, RedatedSum>();
  readonly byMonth = new Map<string, RedatedSum>();

  constructor(private readonly timezone: string) {}

  /** All changes of one user at once. */
  count(changes: readonly NewEnd[]): void {
    const seen = new Set<RedatedSum>();
    for (const { lot, endMs } of changes) {
      const day = businessDayOf(endMs - 1, this.timezone);
      for (const sum of [this.all, sumIn(this.byDay, day), sumIn(this.byMonth, day.slice(0, 7))]) {
        sum.lots += 1;
        sum.hundredths += lot.remaining;
        if (!seen.has(sum)) sum.users += 1;
        seen.add(sum);
      }
    }
  }
}

export interface NewEnd {
  lot: Lot;
  endMs: number;
}

interface Services {
  database: Database;
  clock: Pick<Clock, 'nowMs'>;
}

/** Accounts that one transaction holds. */
const BATCH = 50;
/** Who has changed it, where nobody is logged in: the request tells where the change comes from. */
const COMMAND = { userId: 0, ip: '', requestId: 'points:redate' };

/** What would change. Writes nothing. */
export async function previewRedating(services: Services, redating: Redating): Promise<RedatedLots> {
  const found = new RedatedLots(redating.timezone);
  const policy = policyOf(redating, services.clock.nowMs());
  for await (const books of openBooks(services.database))
    for (const book of books.values()) found.count(newEnds(book, policy, services.clock.nowMs()));
  return found;
}

/**
 * Changes it, and writes down that it does with the first change.
 * @param preview what is written down: the whole of it is not known before the end
 */
export async function redate(
  services: Services,
  redating: Redating,
  preview: RedatedLots,
): Promise<RedatedLots> {
  const { database, clock } = services;
  const done = new RedatedLots(redating.timezone);
  const policy = policyOf(redating, clock.nowMs());
  let isLogged = false;
  for await (const books of openBooks(database)) {
    const userIds = [...books]
      .filter(([, book]) => newEnds(book, policy, clock.nowMs()).length > 0)
      .map(([userId]) => userId);
    if (userIds.length === 0) continue;
    const changed = await database.retryingTransaction(async (tx) => {
      if (!isLogged) await log(tx, redating, { policy, preview, nowMs: clock.nowMs() });
      return redateOf(tx, userIds, { policy, nowMs: clock.nowMs() });
    });
    isLogged = true;
    changed.forEach((changes) => done.count(changes));
  }
  return done;
}

interface Policy extends Pick<Redating, 'days' | 'fromType' | 'timezone'> {
  /** No lot is given an earlier end. The same for a whole run. */
  soonestMs: number;
}

function policyOf({ days, fromType, graceDays, timezone }: Redating, nowMs: number): Policy {
  const soonestMs = endOfBusinessDayIn(nowMs, { days: graceDays, timezone });
  return { days, fromType, timezone, soonestMs };
}

/** Of lots that have not ended: those that have do not come back to life. */
function newEnds(book: LotBook, policy: Policy, nowMs: number): NewEnd[] {
  return book.open.flatMap((lot) => {
    const isOther = policy.fromType !== undefined && lot.originType !== policy.fromType;
    const isOver = lot.expiresAtMs !== null && lot.expiresAtMs <= nowMs;
    const endMs = isOther || isOver ? lot.expiresAtMs : endUnder(policy, lot);
    return endMs === null || endMs === lot.expiresAtMs ? [] : [{ lot, endMs }];
  });
}

function endUnder({ days, timezone, soonestMs }: Policy, { createdAtMs, expiresAtMs }: Lot): number {
  const endMs = endOfBusinessDayIn(createdAtMs, { days, timezone });
  if (endMs >= soonestMs) return endMs;
  // What ends before that anyway is left alone: so a second run, some days later, gives nobody more days.
  return expiresAtMs !== null && expiresAtMs < soonestMs ? expiresAtMs : soonestMs;
}

async function redateOf(
  tx: Tx,
  userIds: readonly number[],
  { policy, nowMs }: { policy: Policy; nowMs: number },
): Promise<NewEnd[][]> {
  const postings = await Postings.open(tx, await lockAccounts(tx, userIds), nowMs, { lotsOf: userIds });
  const changed = [...postings.books.values()].map((book) => {
    const changes = newEnds(book, policy, nowMs);
    for (const { lot, endMs } of changes) book.date(lot, endMs);
    return changes;
  });
  await postings.store(tx);
  return changed;
}

async function log(
  tx: Tx,
  { days, fromType, timezone }: Redating,
  { policy, preview, nowMs }: { policy: Policy; preview: RedatedLots; nowMs: number },
): Promise<void> {
  const { lots, users, hundredths } = preview.all;
  const soonest = businessDayOf(policy.soonestMs - 1, timezone);
  const after = {
    days,
    from_type: fromType ?? null,
    not_before: soonest,
    lots,
    users,
    points: hundredths / 100,
  };
  const target = { type: 'points_lots', id: fromType ?? 'all' };
  await recordAction(tx, { actor: COMMAND, action: 'points.redate', target, before: null, after }, nowMs);
}

/** Of every user, a few at a time. */
async function* openBooks(database: Database): AsyncGenerator<Map<number, LotBook>> {
  let afterId = 0;
  for (;;) {
    const accounts = await database.currentReader.find(UserPointsAccount, {
      select: { account_id: true, user_id: true },
      where: { user_id: MoreThan(afterId) },
      order: { user_id: 'ASC' },
      take: BATCH,
    });
    const userIds = accounts.map(({ user_id: userId }) => userId);
    if (userIds.length === 0) return;
    yield await readSettled(database, userIds);
    afterId = userIds.at(-1)!;
  }
}

function sumIn(sums: Map<string, RedatedSum>, key: string): RedatedSum {
  const sum = sums.get(key) ?? { lots: 0, users: 0, hundredths: 0 };
  sums.set(key, sum);
  return sum;
}
