/** Tasks are rules of a type of their own: what they count, for whom, and what for (P-8). */
import { In } from 'typeorm';
import { PointsTaskClaim } from '../../../entities/points/PointsTaskClaim.ts';
import { insertOne } from '../../platform/database/bulk.ts';
import type { Tx } from '../../platform/database/transaction.ts';
import { AppError } from '../../platform/errors.ts';
import { earningOf, postEarnings, type GrantPolicy } from '../earning.ts';
import { lockAccounts } from '../ledger.ts';
import type { ReadyRule, TaskDefinition } from '../rules/definition.ts';
import type { Explanation } from '../rules/engine.ts';
import { TASK_METRICS, TASK_PERIODS } from '../rules/taskWords.ts';
import { readUser, UserRules, type UserOfRules } from '../rules/userRules.ts';
import { periodStart, readProgress, type ProgressReader } from './progress.ts';

export interface Task {
  taskId: number;
  name: string;
  task: TaskDefinition;
  progress: number;
  rewardHundredths: number;
  status: 'open' | 'claimable' | 'claimed';
}

export interface TaskPolicy extends GrantPolicy {
  startMsOf(day: string): number;
}

/** Those that are there for the user, and those that they have had the reward of. @throws AppError NOT_FOUND */
export async function readTasks(
  reader: Pick<Tx, 'manager' | 'dayOf'>,
  userId: number,
  policy: TaskPolicy,
  nowMs: number,
): Promise<Task[]> {
  const { manager } = reader;
  const user = await readUser(manager, userId);
  const rules = await UserRules.read(reader, { type: 'task', user, nowMs });
  const claims = await manager.findBy(PointsTaskClaim, {
    user_id: userId,
    rule_id: In(rules.rules.map(({ ruleId }) => ruleId)),
  });
  const claimed = new Set(claims.map((claim) => `${claim.rule_id} ${claim.period_start}`));
  const progressOf = readerOf(reader, { user, policy, nowMs });
  const tasks = await Promise.all(
    rules.rules.map(async (rule): Promise<Task | undefined> => {
      const task = taskOf(rule);
      if (!isCounted(task)) return undefined;
      const progress = await readProgress(progressOf, task);
      const { explain } = rules.evaluate({ progress }, rule.ruleId);
      const isClaimed = claimed.has(`${rule.ruleId} ${periodStart(task.period, reader.dayOf(nowMs))}`);
      if (!isClaimed && !explain[0]!.matched) return undefined;
      const status = isClaimed ? 'claimed' : progress >= task.goal ? 'claimable' : 'open';
      const rewardHundredths = explain[0]!.hundredths_before_caps;
      return { taskId: rule.ruleId, name: rule.name, task, progress, rewardHundredths, status };
    }),
  );
  return tasks.filter((task) => task !== undefined);
}

export interface ClaimedTask {
  rewardHundredths: number;
  balanceAfterHundredths: number;
  transactionId: number;
}

/**
 * The reward, once in each period.
 * @throws AppError NOT_FOUND for what is no task, CONFLICT when it is not reached, not for the user, or had already
 */
export async function claimTask(
  tx: Tx,
  { userId, taskId }: { userId: number; taskId: number },
  policy: TaskPolicy,
  nowMs: number,
): Promise<ClaimedTask> {
  const accounts = await lockAccounts(tx, [userId]);
  const user = accounts.get(userId);
  if (user === undefined) throw new AppError('NOT_FOUND');
  const rules = await UserRules.read(tx, { type: 'task', user, nowMs });
  const rule = rules.rules.find(({ ruleId }) => ruleId === taskId);
  if (rule === undefined) throw new AppError('NOT_FOUND');
  const task = taskOf(rule);
  if (!isCounted(task)) throw new AppError('NOT_FOUND');
  const claim = { user_id: userId, rule_id: taskId, period_start: periodStart(task.period, tx.dayOf(nowMs)) };
  const [isClaimed, progress] = await Promise.all([
    tx.manager.existsBy(PointsTaskClaim, claim),
    readProgress(readerOf(tx, { user, policy, nowMs }), task),
  ]);
  if (isClaimed) throw refusal('had already', {});
  if (progress < task.goal) throw refusal('not reached', { progress, goal: task.goal });
  const { grants, explain } = rules.evaluate({ progress }, taskId);
  const [grant] = grants;
  if (grant === undefined) throw refusal(reasonOf(explain[0]!), {});
  const shared = { type: 'task', source: 'task', reason: 'task', relatedId: String(taskId) };
  const earning = earningOf(grant, { ...shared, expiresAtMs: policy.endMs(nowMs) });
  const earned = await postEarnings(tx, policy, { userId, earnings: [earning], accounts }, nowMs);
  await Promise.all([
    rules.store(tx),
    insertOne(tx, PointsTaskClaim, { ...claim, points: grant.hundredths, claimed_at: new Date(nowMs) }),
  ]);
  return {
    rewardHundredths: grant.hundredths,
    balanceAfterHundredths: earned.balanceAfterHundredths,
    transactionId: earned.transactionIds[0]!,
  };
}

/** A later build may have tasks of other kinds, which are none here. */
function isCounted({ metric, period }: TaskDefinition): boolean {
  return TASK_METRICS.includes(metric) && TASK_PERIODS.includes(period);
}

function taskOf({ definition: { task } }: ReadyRule): TaskDefinition {
  if (task === undefined) throw new Error('A rule of this type says what its task is');
  return task;
}

function reasonOf({ reason, failure }: Explanation): string {
  return failure ?? reason;
}

function readerOf(
  { manager, dayOf }: Pick<Tx, 'manager' | 'dayOf'>,
  { user, policy, nowMs }: { user: UserOfRules; policy: TaskPolicy; nowMs: number },
): ProgressReader {
  return { manager, dayOf: (timeMs) => dayOf(timeMs), user, nowMs, startMsOf: policy.startMsOf };
}

function refusal(reason: string, facts: object): AppError {
  return new AppError('CONFLICT', { details: { reason, ...facts } });
}
