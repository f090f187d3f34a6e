/** Ways in which somebody can earn points by themself: for whoever recommends them. */
import type { EntityManager } from 'typeorm';
import type { Tx } from '../platform/database/transaction.ts';
import { readStreak } from './checkIn/checkIn.ts';
import { readEffective, type PublishedRule } from './rules/publishedRules.ts';
import { readTasks, type TaskPolicy } from './tasks/tasks.ts';

/** What comes by itself, with a bill, a birthday or a level, nobody has to be told to do. */
const OWN_DOING: ReadonlySet<string> = new Set(['task', 'check_in']);

export async function findWays(manager: EntityManager, nowMs: number): Promise<PublishedRule[]> {
  const rules = await readEffective(manager, nowMs);
  return rules.filter(
    ({ type, definition: { starts_at: from } }) =>
      OWN_DOING.has(type) && (from === null || Date.parse(from) <= nowMs),
  );
}

/** Those of the rules by which somebody can earn now: a task that is open to them, a check-in that they have not had today. */
export async function openWays(
  reader: Pick<Tx, 'manager' | 'dayOf'>,
  { userId, ways }: { userId: number; ways: readonly { ruleId: number; type: string }[] },
  policy: TaskPolicy,
  nowMs: number,
): Promise<ReadonlySet<number>> {
  if (ways.length === 0) return new Set();
  const [tasks, { isDoneToday }] = await Promise.all([
    ways.some(({ type }) => type === 'task') ? readTasks(reader, userId, policy, nowMs) : [],
    readStreak(reader, userId, nowMs),
  ]);
  const open = new Set(tasks.filter(({ status }) => status !== 'claimed').map(({ taskId }) => taskId));
  return new Set(
    ways.flatMap(({ ruleId, type }) => ((type === 'task' ? open.has(ruleId) : !isDoneToday) ? [ruleId] : [])),
  );
}
