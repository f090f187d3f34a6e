/*
 * Tells users which of their points end soon (P-6), once for each user and end.
 *
 * Every lot says what became of its reminder: due → sent, or → none where nothing was left. It is due again when it gets another end,
 * or something back after none (lots.ts). Only who holds the account changes it, in the transaction that writes the event: so it
 * makes no difference how many nodes look, how late, and where one of them is killed.
 */
import { And, In, LessThanOrEqual, MoreThan } from 'typeorm';
import { PointsLot } from '../../entities/points/PointsLot.ts';
import { daysLater } from '../platform/clock.ts';
import type { Tx } from '../platform/database/transaction.ts';
import { emitEvents, type NewEvent } from '../platform/events/outbox.ts';
import { toWireTime } from '../platform/shapes.ts';
import type { ExpiryServices } from './expiry.ts';
import { lockAccounts } from './ledger.ts';
import { readBooks } from './lots.ts';
import { repeating } from './repeating.ts';
import type { PointsConfig } from './settings.ts';

export interface ReminderServices extends ExpiryServices {
  config: Pick<PointsConfig, 'pointsReminderDays'> & { businessTimezone: string };
}

/** Accounts that one transaction holds. */
const BATCH = 100;

/** Every node does it; nobody is told twice. */
export function keepReminding(services: ReminderServices): () => void {
  const problem = 'users could not be told which points end';
  return repeating(services.logger, problem, (stopping) => remindAll(services, stopping));
}

/** Of all that ends within so many days and has not ended, in batches. */
export async function remindAll(
  services: Omit<ReminderServices, 'logger'>,
  stopping?: AbortSignal,
): Promise<void> {
  const { database, clock, config } = services;
  if (config.pointsReminderDays === 0) return;
  while (stopping?.aborted !== true) {
    const next = await nextEnd(services);
    if (next === undefined) return;
    await database.retryingTransaction((tx) => remind(tx, next, clock.nowMs()));
  }
}

interface EndOfSome {
  endMs: number;
  userIds: number[];
}

/** The first end that is due, and some of the users whose it is. */
async function nextEnd({
  database,
  clock,
  config,
}: Omit<ReminderServices, 'logger'>): Promise<EndOfSome | undefined> {
  const nowMs = clock.nowMs();
  const days = { days: config.pointsReminderDays, timezone: config.businessTimezone };
  const lots = await database.currentReader.find(PointsLot, {
    select: { lot_id: true, user_id: true, expires_at: true },
    where: {
      reminder: 'due',
      expires_at: And(MoreThan(new Date(nowMs)), LessThanOrEqual(new Date(daysLater(nowMs, days)))),
    },
    order: { expires_at: 'ASC', user_id: 'ASC' },
    take: BATCH,
  });
  const endMs = lots[0]?.expires_at?.getTime();
  if (endMs === undefined) return undefined;
  const ofEnd = lots.filter(({ expires_at: end }) => end?.getTime() === endMs);
  return { endMs, userIds: [...new Set(ofEnd.map(({ user_id: userId }) => userId))] };
}

async function remind(tx: Tx, { endMs, userIds }: EndOfSome, nowMs: number): Promise<void> {
  const accounts = await lockAccounts(tx, userIds);
  // Whoever waited for the accounts may come too late.
  if (endMs <= nowMs) return;
  const [books, lots] = await Promise.all([
    readBooks(tx, [...accounts.values()]),
    tx.manager.find(PointsLot, {
      select: { lot_id: true, user_id: true, reminder: true },
      where: { reminder: In(['due', 'sent']), expires_at: new Date(endMs), user_id: In(userIds) },
    }),
  ]);
  const usersBy = Map.groupBy(lots, ({ reminder }) => reminder);
  const told = new Set(usersBy.get('sent')?.map(({ user_id: userId }) => userId));
  const events: NewEvent[] = [];
  const users = { sent: [] as number[], none: [] as number[] };
  for (const userId of new Set(usersBy.get('due')?.map(({ user_id }) => user_id))) {
    const book = books.get(userId)!;
    // In memory alone: what is spent of it by now is no reason to write.
    book.settle(accounts.get(userId)!.spentTotal);
    const amount = book.open
      .filter(({ expiresAtMs }) => expiresAtMs === endMs)
      .reduce((sum, { remaining }) => sum + remaining, 0);
    users[amount > 0 ? 'sent' : 'none'].push(userId);
    if (amount > 0 && !told.has(userId)) events.push(expiringEvent(userId, amount, endMs));
  }
  await Promise.all([
    emitEvents(tx, events, nowMs),
    mark(tx, { endMs, userIds: users.sent, reminder: 'sent' }),
    mark(tx, { endMs, userIds: users.none, reminder: 'none' }),
  ]);
}

async function mark(
  tx: Tx,
  { endMs, userIds, reminder }: EndOfSome & Pick<PointsLot, 'reminder'>,
): Promise<void> {
  if (userIds.length === 0) return;
  const which = { reminder: 'due' as const, expires_at: new Date(endMs), user_id: In(userIds) };
  await tx.manager.update(PointsLot, which, { reminder });
}

function expiringEvent(userId: number, amountHundredths: number, endMs: number): NewEvent {
  // The last moment at which they may be spent, as the forecast tells it.
  const data = { user_id: userId, amount: amountHundredths / 100, expires_at: toWireTime(endMs - 1) };
  return { type: 'points:expiring', userId, data };
}
