/*
 * Tells users which of their points end soon (P-6), once for each user and end.
 *
 * With a lot that ends its reminder is stored, one for all of a user's lots that end then (lots.ts): due → sent, or → none where nothing
 * was left; due again when something is after none. Only who holds the account changes it, in the transaction that writes the
 * event: so it makes no difference how many nodes look, how late, and where one of them is killed.
 */
import { And, In, LessThanOrEqual, MoreThan } from 'typeorm';
import { PointsReminder } from '../../entities/points/PointsReminder.ts';
import { daysLater } from '../platform/clock.ts';
import type { Tx } from '../platform/database/transaction.ts';
import { emitEvents, type NewEvent } from '../platform/events/outbox.ts';
import { toWireTime } from '../platform/shapes.ts';
import type { ExpiryServices } from './expiry.ts';
import { lockAccounts } from './ledger.ts';
import { readBooks } from './lots.ts';
import { repeating } from '../platform/repeating.ts';
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
  const reminders = await database.currentReader.find(PointsReminder, {
    where: {
      state: 'due',
      expires_at: And(MoreThan(new Date(nowMs)), LessThanOrEqual(new Date(daysLater(nowMs, days)))),
    },
    order: { expires_at: 'ASC', user_id: 'ASC' },
    take: BATCH,
  });
  const endMs = reminders[0]?.expires_at.getTime();
  if (endMs === undefined) return undefined;
  const ofEnd = reminders.filter(({ expires_at: end }) => end.getTime() === endMs);
  return { endMs, userIds: ofEnd.map(({ user_id: userId }) => userId) };
}

async function remind(tx: Tx, { endMs, userIds }: EndOfSome, nowMs: number): Promise<void> {
  const accounts = await lockAccounts(tx, userIds);
  // Whoever waited for the accounts may come too late.
  if (endMs <= nowMs) return;
  const [books, due] = await Promise.all([
    readBooks(tx, [...accounts.values()]),
    tx.manager.findBy(PointsReminder, {
      state: 'due',
      expires_at: new Date(endMs),
      user_id: In(userIds),
    }),
  ]);
  const events: NewEvent[] = [];
  const users = { sent: [] as number[], none: [] as number[] };
  for (const { user_id: userId } of due) {
    const book = books.get(userId)!;
    // In memory alone: what is spent of it by now is no reason to write.
    book.settle(accounts.get(userId)!.spentTotal);
    const amount = book.open
      .filter(({ expiresAtMs }) => expiresAtMs === endMs)
      .reduce((sum, { remaining }) => sum + remaining, 0);
    users[amount > 0 ? 'sent' : 'none'].push(userId);
    if (amount > 0) events.push(expiringEvent(userId, amount, endMs));
  }
  await Promise.all([
    emitEvents(tx, events, nowMs),
    mark(tx, { endMs, userIds: users.sent, state: 'sent' }),
    mark(tx, { endMs, userIds: users.none, state: 'none' }),
  ]);
}

async function mark(
  tx: Tx,
  { endMs, userIds, state }: EndOfSome & Pick<PointsReminder, 'state'>,
): Promise<void> {
  if (userIds.length === 0) return;
  const which = { expires_at: new Date(endMs), user_id: In(userIds) };
  await tx.manager.update(PointsReminder, which, { state });
}

function expiringEvent(userId: number, amountHundredths: number, endMs: number): NewEvent {
  // The last moment at which they may be spent, as the forecast tells it.
  const data = { user_id: userId, amount: amountHundredths / 100, expires_at: toWireTime(endMs - 1) };
  return { type: 'points:expiring', userId, data };
}
