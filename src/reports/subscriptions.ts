/** Who is told of each day, or week, once it is over. */
import { z } from 'zod';
import { DateTime } from 'luxon';
import {
  REPORT_PERIODS,
  ReportSubscription,
  type ReportPeriod,
} from '../../entities/reports/ReportSubscription.ts';
import { recordAction } from '../admin/adminLog.ts';
import { apiKeyIdOf, type Actor } from '../platform/caller.ts';
import { upsertAll } from '../platform/database/bulk.ts';
import type { Database, Tx } from '../platform/database/transaction.ts';
import { AppError } from '../platform/errors.ts';
import { subscriptionShape, type Subscription } from './messages.ts';

export async function readSubscription(
  { currentReader }: Pick<Database, 'currentReader'>,
  userId: number,
): Promise<Subscription> {
  return subscriptionOf(await currentReader.findBy(ReportSubscription, { user_id: userId }));
}

function subscriptionOf(rows: readonly ReportSubscription[]): Subscription {
  const hourOf = (period: ReportPeriod) => rows.find((row) => row.period === period)?.hour ?? null;
  return { daily: hourOf('daily'), weekly: hourOf('weekly') };
}

export interface Subscribing {
  actor: Actor;
  subscription: Subscription;
  timezone: string;
}

/** What holds stays as it is. @throws AppError FORBIDDEN for a machine, which is told nothing */
export async function subscribe(
  tx: Tx,
  { actor, subscription, timezone }: Subscribing,
  nowMs: number,
): Promise<Subscription> {
  const { userId } = actor;
  if (apiKeyIdOf(userId) !== undefined)
    throw new AppError('FORBIDDEN', { details: { reason: 'a machine is told nothing' } });
  const rows = await tx.lock(ReportSubscription, { where: { user_id: userId } });
  const before = subscriptionOf(rows);
  for (const period of REPORT_PERIODS) {
    const hour = subscription[period];
    if (hour === before[period]) continue;
    if (hour === null) await tx.manager.delete(ReportSubscription, { user_id: userId, period });
    else {
      const known = rows.find((row) => row.period === period);
      const next_at = new Date(nextMs({ period, hour, timezone }, nowMs));
      await upsertAll(tx, ReportSubscription, [
        { user_id: userId, period, hour, next_at, told_of: known?.told_of ?? null },
      ]);
    }
  }
  const target = { type: 'user', id: userId };
  const change = { actor, action: 'report.subscribe', target, before, after: subscription };
  if (JSON.stringify(before) !== JSON.stringify(subscription)) await recordAction(tx, change, nowMs);
  return subscription;
}

export interface Timed {
  period: ReportPeriod;
  hour: number;
  timezone: string;
}

/** When a report comes next: the first such hour after now, on a Monday if it is of weeks. An hour that a day leaves out comes with the next. */
export function nextMs({ period, hour, timezone }: Timed, nowMs: number): number {
  const today = DateTime.fromMillis(nowMs, { zone: timezone }).startOf('day');
  for (let days = 0; ; days++) {
    const day = today.plus({ days });
    if (period === 'weekly' && day.weekday !== 1) continue;
    const moment = day.set({ hour });
    if (moment.toMillis() > nowMs) return moment.toMillis();
  }
}

export const exportedSubscriptionShape = z.object({ report_subscription: subscriptionShape });

/** Of somebody, for themself. */
export async function exportSubscription(
  { reader }: Pick<Database, 'reader'>,
  userId: number,
): Promise<z.output<typeof exportedSubscriptionShape>> {
  return {
    report_subscription: subscriptionOf(await reader.findBy(ReportSubscription, { user_id: userId })),
  };
}

export async function leaveReports({ manager }: Tx, userId: number): Promise<void> {
  await manager.delete(ReportSubscription, { user_id: userId });
}
