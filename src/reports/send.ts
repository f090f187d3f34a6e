/*
 * Tells those who want it of the day that is over, or the week.
 *
 * A subscription says when its next report is due. Whoever sends it holds its row, writes the event of which the person is told, and
 * moves it to the next hour that is to come, in one transaction: so every node may look, however late, and be killed anywhere. What was
 * missed while nobody looked is not made up for: one report comes, the newest. Days are compared by their order, so that a clock that
 * steps back tells nobody twice.
 */
import { LessThanOrEqual } from 'typeorm';
import { ReportSubscription } from '../../entities/reports/ReportSubscription.ts';
import { permissionHolders } from '../identity/access/permissionHolders.ts';
import { findStaffRole } from '../identity/people/staff.ts';
import { findRestaurants } from '../inventory/restaurantStaff.ts';
import { businessDayOf } from '../platform/clock.ts';
import type { Tx } from '../platform/database/transaction.ts';
import { emitEvents } from '../platform/events/outbox.ts';
import type { Logger } from '../platform/logger.ts';
import { repeating } from '../platform/repeating.ts';
import { dayAfter, startOf } from '../points/statistics/periods.ts';
import { usualOf } from './daily.ts';
import type { DayRow, FigureName, Figures } from './messages.ts';
import { daysBetween, readDays, type ReadingServices, type Scope } from './readDays.ts';
import { nextMs } from './subscriptions.ts';

const INTERVAL_MS = 30_000;
/** That one look sends. */
const BATCH = 50;

export function keepSending(services: ReadingServices & { logger: Logger }): () => void {
  const work = (stopping: AbortSignal) => sendAll(services, stopping);
  return repeating(services.logger, 'reports could not be sent', work, { intervalMs: INTERVAL_MS });
}

/** All that are due. */
export async function sendAll(services: ReadingServices, stopping?: AbortSignal): Promise<void> {
  const { database, clock } = services;
  const due = await database.currentReader.find(ReportSubscription, {
    where: { next_at: LessThanOrEqual(new Date(clock.nowMs())) },
    order: { next_at: 'ASC', user_id: 'ASC' },
    take: BATCH,
  });
  for (const subscription of due) {
    if (stopping?.aborted === true) return;
    const report = await readReport(services, subscription);
    // Waits for its figures: nothing else is kept waiting by it.
    if (report === undefined) continue;
    await database.retryingTransaction((tx) => send(tx, services, { subscription, report }));
  }
}

interface Report {
  /** The day, or the first one of the week. */
  day: string;
  data: object;
}

/** Outside of the transaction that sends it. Undefined: not all of it is counted yet, and nobody is told half of it. */
async function readReport(
  services: ReadingServices,
  { user_id: userId, period }: ReportSubscription,
): Promise<Report | undefined> {
  const { clock, businessTimezone } = services;
  const today = businessDayOf(clock.nowMs(), businessTimezone);
  const [first, last] =
    period === 'daily'
      ? [dayAfter(today, -1), dayAfter(today, -1)]
      : [dayAfter(startOf('week', today), -7), dayAfter(startOf('week', today), -1)];
  const scope = await scopeOf(services, userId);
  const { rows } = await readDays(services, daysBetween(dayAfter(first, -28), last), scope);
  const own = rows.filter(({ day }) => day >= first);
  if (!own.every(({ is_complete: isIt }) => isIt)) return undefined;
  const usual = usualOf(usualRows(rows, own));
  const told = Object.fromEntries(
    TOLD.flatMap((name) => [
      [name, sumOf(own, name) ?? UNKNOWN],
      [`${name}_usual`, usual[name] === null ? UNKNOWN : Math.round(usual[name])],
    ]),
  );
  return { day: first, data: { day: first, last_day: last, ...told } };
}

/** What is told in words; the page has the rest. */
const TOLD: readonly FigureName[] = [
  'diners',
  'draws',
  'points_issued',
  'points_spent',
  'bills',
  'items_redeemed',
];

/** Where nothing is told of a restaurant, or nothing was counted. */
const UNKNOWN = '–';

/** Of the four weeks before: each of them as one row, or the same weekdays. */
function usualRows(rows: readonly DayRow[], own: readonly DayRow[]): Figures[] {
  const weeks = [1, 2, 3, 4].map((week) =>
    own.map(({ day }) => rows.find((row) => row.day === dayAfter(day, -7 * week))),
  );
  return weeks.flatMap((days) => {
    const known = days.filter((row) => row !== undefined);
    if (!known.some((row) => TOLD.some((name) => (row[name] ?? 0) > 0))) return [];
    const sums = Object.fromEntries(TOLD.map((name) => [name, sumOf(known, name)]));
    return [{ ...known[0]!, ...sums }];
  });
}

function sumOf(rows: readonly Figures[], name: FigureName): number | null {
  const values = rows.flatMap((row) => row[name] ?? []);
  return values.length === 0 ? null : Math.round(values.reduce((sum, value) => sum + value, 0) * 100) / 100;
}

/** Of the staff, that of their restaurants. */
async function scopeOf({ database }: ReadingServices, userId: number): Promise<Scope> {
  const manager = database.currentReader;
  return (await findStaffRole(manager, userId)) === 'staff' ? findRestaurants(manager, userId) : undefined;
}

interface Sending {
  subscription: ReportSubscription;
  report: Report;
}

async function send(
  tx: Tx,
  { clock, businessTimezone: timezone }: ReadingServices,
  { subscription, report }: Sending,
): Promise<void> {
  const { user_id: userId, period } = subscription;
  const nowMs = clock.nowMs();
  const [row] = await tx.lock(ReportSubscription, { where: { user_id: userId, period } });
  // Somebody else was faster, or it was given up.
  if (row === undefined || row.next_at.getTime() > nowMs) return;
  const next_at = new Date(nextMs({ period, hour: row.hour, timezone }, nowMs));
  const isTold = row.told_of !== null && row.told_of >= report.day;
  // Who may not see the figures any more is not told them; who may again is, from then on.
  const holders = isTold ? [] : await permissionHolders(tx, 'statistics:read');
  if (!holders.includes(userId)) {
    await tx.manager.update(ReportSubscription, { user_id: userId, period }, { next_at });
    return;
  }
  const moved = { next_at, told_of: report.day };
  await tx.manager.update(ReportSubscription, { user_id: userId, period }, moved);
  await emitEvents(
    tx,
    [{ type: `report:${period}`, userId, data: { user_id: userId, ...report.data } }],
    nowMs,
  );
}
