/**
 * How far a user is with what tasks count (P-8). It is read of what has been committed, never counted a second time: an event that
 * comes late, twice or not at all changes nothing.
 */
import { MoreThanOrEqual, Raw, type EntityManager } from 'typeorm';
import { PointsBill } from '../../../entities/points/PointsBill.ts';
import { countDraws } from '../../lottery/countDraws.ts';
import { countCheckIns, readStreak, type Days } from '../checkIn/checkIn.ts';
import type { TaskDefinition } from '../rules/definition.ts';
import type { TaskMetric, TaskPeriod } from '../rules/taskWords.ts';
import type { UserOfRules } from '../rules/userRules.ts';
import { readEarned } from '../statistics/openEarnings.ts';
import { startOf } from '../statistics/periods.ts';

export interface ProgressReader extends Days {
  manager: EntityManager;
  user: UserOfRules;
  nowMs: number;
  /** The first moment of a business day. */
  startMsOf(day: string): number;
}

interface Counting extends ProgressReader {
  period: TaskPeriod;
  /** The first day of the period; undefined: since ever. */
  since: string | undefined;
  /** Nobody needs to know how far it is beyond. */
  goal: number;
}

const COUNTS: Record<TaskMetric, (counting: Counting) => Promise<number>> = {
  check_ins: ({ manager, user, since }) => countCheckIns(manager, user.userId, since),
  streak: async ({ user, nowMs, ...reader }) => (await readStreak(reader, user.userId, nowMs)).streak,
  draws: ({ manager, user, since, goal, startMsOf }) =>
    countDraws(manager, {
      userId: user.userId,
      sinceMs: since === undefined ? undefined : startMsOf(since),
      most: goal,
    }),
  bills: ({ manager, ...of }) =>
    manager.countBy(PointsBill, { ...billsOf(of), refunded_amount: IS_PARTLY_PAID }),
  spend: async ({ manager, ...of }) => {
    const [paid, refunded] = await Promise.all([
      manager.sum(PointsBill, 'bill_amount', billsOf(of)),
      manager.sum(PointsBill, 'refunded_amount', billsOf(of)),
    ]);
    return Math.round(Number(paid ?? 0) * 100) - Math.round(Number(refunded ?? 0) * 100);
  },
  earned: async ({ manager, user, period, since }) => {
    if (period === 'once') return user.historyTotalHundredths;
    return readEarned(manager, { period, starts: since!, userId: user.userId });
  },
  level: ({ user }) => Promise.resolve(user.level),
};

const IS_PARTLY_PAID = Raw((column) => `${column} < bill_amount`);

function billsOf({ user, since }: Pick<Counting, 'user' | 'since'>) {
  return { user_id: user.userId, ...(since !== undefined && { business_day: MoreThanOrEqual(since) }) };
}

/** The first day of a task's present period; empty where it has one for ever. */
export function periodStart(period: TaskPeriod, today: string): string {
  return period === 'once' ? '' : startOf(period, today);
}

export async function readProgress(
  reader: ProgressReader,
  { metric, period, goal }: TaskDefinition,
): Promise<number> {
  const since = periodStart(period, reader.dayOf(reader.nowMs)) || undefined;
  return COUNTS[metric]({ ...reader, period, since, goal });
}
