/** The published rules of one type, for one user: what they grant, and what has been granted (RP-10, RP-11). */
import { In, MoreThanOrEqual, type EntityManager } from 'typeorm';
import { PointsRuleUse } from '../../../entities/points/PointsRuleUse.ts';
import { UserPointsAccount } from '../../../entities/points/UserPointsAccount.ts';
import { upsertAll } from '../../platform/database/bulk.ts';
import type { Tx } from '../../platform/database/transaction.ts';
import { AppError } from '../../platform/errors.ts';
import type { Account } from '../account.ts';
import { membershipsAmong } from '../../lottery/segments.ts';
import { PERIODS, startOf } from '../statistics/periods.ts';
import type { ReadyRule } from './definition.ts';
import { CAP_WINDOWS, evaluate, type Evaluation, type Uses } from './engine.ts';
import type { OwnFacts, RuleType, UserFacts } from './formula.ts';
import { readReady } from './publishedRules.ts';

const DAY_MS = 86_400_000;

export interface UserOfRules extends Pick<
  Account,
  'userId' | 'level' | 'experiencePoints' | 'historyTotalHundredths'
> {
  createdAt: Date;
}

/** For whom nothing is granted now: the account is not locked. @throws AppError NOT_FOUND when the user has no account */
export async function readUser(manager: EntityManager, userId: number): Promise<UserOfRules> {
  const account = await manager.findOneBy(UserPointsAccount, { user_id: userId });
  if (account === null) throw new AppError('NOT_FOUND');
  return {
    userId,
    level: account.level,
    experiencePoints: account.experience_points,
    historyTotalHundredths: account.history_total_points,
    createdAt: account.created_at,
  };
}

/**
 * Of a user whose account the transaction holds, so nobody else uses up the caps meanwhile. Several evaluations count what those
 * before them have granted.
 */
export class UserRules {
  private readonly granted = new Map<number, number>();

  /** @param given instead of the published ones */
  static async read(
    { manager, dayOf }: Pick<Tx, 'manager' | 'dayOf'>,
    {
      type,
      user,
      nowMs,
      given,
    }: { type: RuleType; user: UserOfRules; nowMs: number; given?: readonly ReadyRule[] },
  ): Promise<UserRules> {
    const rules = given ?? (await readReady(manager, type));
    const day = dayOf(nowMs);
    const { userId } = user;
    const uses = await readUses(manager, { userId, rules, day });
    const segments = await segmentsNamed(manager, { userId, rules });
    return new UserRules(rules, { uses, segments }, { user, nowMs, day });
  }

  private constructor(
    readonly rules: readonly ReadyRule[],
    private readonly known: { uses: Map<number, Uses>; segments: ReadonlySet<string> },
    private readonly at: { user: UserOfRules; nowMs: number; day: string },
  ) {}

  /** @param only one of the rules; absent: all of them */
  evaluate(own: OwnFacts, only?: number): Evaluation {
    const { user, nowMs } = this.at;
    const rules = only === undefined ? this.rules : this.rules.filter(({ ruleId }) => ruleId === only);
    const facts = { ...userFacts(user, nowMs), ...own };
    const evaluation = evaluate(facts, { rules, ...this.known, nowMs });
    for (const { ruleId, hundredths } of evaluation.grants) {
      const used = this.known.uses.get(ruleId) ?? { day: 0, week: 0, month: 0 };
      for (const window of CAP_WINDOWS) used[window] += hundredths;
      this.known.uses.set(ruleId, used);
      this.granted.set(ruleId, (this.granted.get(ruleId) ?? 0) + hundredths);
    }
    return evaluation;
  }

  /** What was granted since it was read. */
  async store(tx: Tx): Promise<void> {
    const { user, day } = this.at;
    await upsertAll(
      tx,
      PointsRuleUse,
      [...this.granted].map(([ruleId, granted]) => ({ user_id: user.userId, rule_id: ruleId, day, granted })),
      { granted: ({ stored, given }) => `ROUND(${stored('granted')} + ${given('granted')}, 2)` },
    );
  }
}

function userFacts(user: UserOfRules, nowMs: number): UserFacts {
  return {
    level: user.level,
    experience: user.experiencePoints,
    history_points: user.historyTotalHundredths,
    account_days: Math.max(0, Math.floor((nowMs - user.createdAt.getTime()) / DAY_MS)),
  };
}

/** One look-up, where rules are for some people alone. */
export async function segmentsNamed(
  manager: EntityManager,
  { userId, rules }: { userId: number; rules: readonly Pick<ReadyRule, 'definition'>[] },
): Promise<ReadonlySet<string>> {
  const segments = [...new Set(rules.flatMap(({ definition }) => definition.segments ?? []))];
  const found = await membershipsAmong({ manager }, { segments, userIds: [userId] });
  return new Set(found.map(({ segment }) => segment));
}

async function readUses(
  manager: EntityManager,
  { userId, rules, day }: { userId: number; rules: readonly ReadyRule[]; day: string },
): Promise<Map<number, Uses>> {
  const capped = rules.filter(({ definition }) =>
    CAP_WINDOWS.some((window) => definition.caps[window] !== null),
  );
  const uses = new Map<number, Uses>();
  if (capped.length === 0) return uses;
  const starts = Object.fromEntries(PERIODS.map((period) => [period, startOf(period, day)])) as Record<
    keyof Uses,
    string
  >;
  const rows = await manager.findBy(PointsRuleUse, {
    user_id: userId,
    rule_id: In(capped.map(({ ruleId }) => ruleId)),
    day: MoreThanOrEqual(starts.week < starts.month ? starts.week : starts.month),
  });
  for (const row of rows) {
    const used = uses.get(row.rule_id) ?? { day: 0, week: 0, month: 0 };
    for (const window of CAP_WINDOWS) if (row.day >= starts[window]) used[window] += row.granted;
    uses.set(row.rule_id, used);
  }
  return uses;
}
