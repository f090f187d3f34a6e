/**
 * Checking in, once on each business day (P-7, RP-12).
 *
 * Streak, calendar and multiplier are all of the same rows. A day is that of the time zone of then; when the zone changes, a moment
 * may lie on another day than the one it was stored with. So the last check-in counts on the later of the two: whoever has checked
 * in on either has done so, and neither breaks a streak.
 */
import { Between, MoreThanOrEqual, type EntityManager } from 'typeorm';
import { PointsCheckIn } from '../../../entities/points/PointsCheckIn.ts';
import { insertOne } from '../../platform/database/bulk.ts';
import type { Tx } from '../../platform/database/transaction.ts';
import { AppError } from '../../platform/errors.ts';
import { emitEvents } from '../../platform/events/outbox.ts';
import type { Logger } from '../../platform/logger.ts';
import { earningOf, postEarnings, type GrantPolicy } from '../earning.ts';
import { holidayAskedFor } from '../holidays/missingHolidays.ts';
import { lockAccounts } from '../ledger.ts';
import type { Grant } from '../rules/engine.ts';
import type { OwnFacts, RuleType } from '../rules/formula.ts';
import { UserRules } from '../rules/userRules.ts';
import { dayAfter, endOf, startOf } from '../statistics/periods.ts';

export interface CheckInPolicy extends GrantPolicy {
  /** Up to which a streak multiplies. */
  cap: number;
  logger: Logger;
}

/** @throws AppError NOT_FOUND for a user without an account, CONFLICT on a day on which it was done */
export async function checkIn(
  tx: Tx,
  userId: number,
  policy: CheckInPolicy,
  nowMs: number,
): Promise<PointsCheckIn> {
  const accounts = await lockAccounts(tx, [userId]);
  const user = accounts.get(userId);
  if (user === undefined) throw new AppError('NOT_FOUND');
  const day = tx.dayOf(nowMs);
  const month = { first: startOf('month', day), last: endOf('month', day) };
  const [last, before, holiday] = await Promise.all([
    readLast(tx.manager, userId),
    tx.manager.countBy(PointsCheckIn, { user_id: userId, day: Between(month.first, month.last) }),
    holidayAskedFor(policy, tx, day, nowMs),
  ]);
  const lastDay = last === null ? '' : laterOf(last, tx);
  if (day <= lastDay)
    throw new AppError('CONFLICT', {
      details: { reason: 'checked in already', date: lastDay, streak: last!.streak },
    });
  const streak = last !== null && dayAfter(lastDay) === day ? last.streak + 1 : 1;
  const multiplier = Math.min(streak, policy.cap);
  const asked: [RuleType, OwnFacts][] = [
    ['check_in', { streak, multiplier }],
    ['check_in_month', { days: before + 1, month_days: Number(month.last.slice(8)) }],
    ...(holiday.kind === 'holiday'
      ? [['check_in_holiday', { holiday: holiday.name, streak }] satisfies [RuleType, OwnFacts]]
      : []),
  ];
  const granted = await Promise.all(
    asked.map(async ([type, facts]) => {
      const rules = await UserRules.read(tx, { type, user, nowMs });
      return { type, rules, grants: rules.evaluate(facts).grants };
    }),
  );
  const pointsOf = (of: RuleType) => sumOf(granted.find(({ type }) => type === of)?.grants ?? []);
  const row = {
    user_id: userId,
    day,
    streak,
    multiplier,
    points: pointsOf('check_in'),
    month_bonus: pointsOf('check_in_month'),
    holiday_bonus: pointsOf('check_in_holiday'),
    checked_at: new Date(nowMs),
  };
  const expiresAtMs = policy.endMs(nowMs);
  const earnings = granted.flatMap(({ type, grants }) =>
    grants.map((grant) =>
      earningOf(grant, { type, source: type, reason: type, relatedId: day, expiresAtMs }),
    ),
  );
  const points = (row.points + row.month_bonus + row.holiday_bonus) / 100;
  await Promise.all([insertOne(tx, PointsCheckIn, row), ...granted.map(({ rules }) => rules.store(tx))]);
  await postEarnings(tx, policy, { userId, earnings, accounts }, nowMs);
  const data = { user_id: userId, date: day, streak, points };
  await emitEvents(tx, [{ type: 'points:checked_in', userId, data }], nowMs);
  return row;
}

function sumOf(grants: readonly Grant[]): number {
  return grants.reduce((sum, { hundredths }) => sum + hundredths, 0);
}

export type Days = Pick<Tx, 'dayOf'>;

function laterOf({ day, checked_at: at }: PointsCheckIn, { dayOf }: Days): string {
  const now = dayOf(at.getTime());
  return now > day ? now : day;
}

function readLast(manager: EntityManager, userId: number): Promise<PointsCheckIn | null> {
  return manager.findOne(PointsCheckIn, { where: { user_id: userId }, order: { day: 'DESC' } });
}

/** Days in a row up to now: today may still be missing. */
export async function readStreak(
  { manager, dayOf }: Days & { manager: EntityManager },
  userId: number,
  nowMs: number,
): Promise<{ streak: number; isDoneToday: boolean }> {
  const last = await readLast(manager, userId);
  if (last === null) return { streak: 0, isDoneToday: false };
  const lastDay = laterOf(last, { dayOf });
  const today = dayOf(nowMs);
  const isDoneToday = today <= lastDay;
  return { streak: isDoneToday || dayAfter(lastDay) === today ? last.streak : 0, isDoneToday };
}

/** @param month YYYY-MM */
export async function readMonth(
  manager: EntityManager,
  userId: number,
  month: string,
): Promise<PointsCheckIn[]> {
  const first = `${month}-01`;
  return manager.find(PointsCheckIn, {
    where: { user_id: userId, day: Between(first, endOf('month', first)) },
    order: { day: 'ASC' },
  });
}

/** How often a user has checked in since a day, which counts; undefined: ever. */
export async function countCheckIns(
  manager: EntityManager,
  userId: number,
  since: string | undefined,
): Promise<number> {
  return manager.countBy(PointsCheckIn, {
    user_id: userId,
    ...(since !== undefined && { day: MoreThanOrEqual(since) }),
  });
}

export async function readNewestCheckIns(
  manager: EntityManager,
  userId: number,
  take: number,
): Promise<PointsCheckIn[]> {
  return manager.find(PointsCheckIn, { where: { user_id: userId }, order: { day: 'DESC' }, take });
}
