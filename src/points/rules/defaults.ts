/** The rules that a new installation begins with; all of them may be edited. Amounts are in 1/100 point. */
import type { RuleType } from './formula.ts';

export interface DefaultRule {
  type: RuleType;
  name: string;
  /** Passes `definitionShape`. */
  definition: object;
  /** A draft is an example: it grants nothing. */
  isPublished: boolean;
}

export const DEFAULT_RULES: readonly DefaultRule[] = [
  {
    type: 'check_in',
    name: '每日签到',
    definition: { amount: '1000 * min(streak, streak_cap)' },
    isPublished: true,
  },
  { type: 'first_login', name: '首次登录', definition: { amount: '10000' }, isPublished: true },
  {
    type: 'rebate',
    name: '消费返积分',
    // A fen of the bill is 1/100 point at 100 %: 1 % at level 1, 5 % at level 5 and above.
    definition: {
      amount: 'bill_amount * min(max(level, 1), 5) / 100',
      priority: 100,
    },
    isPublished: true,
  },
  {
    type: 'rebate',
    name: '活动期间加赠',
    definition: { amount: 'bill_amount / 100', condition: 'bill_amount >= 10000', priority: 50 },
    isPublished: false,
  },
  { type: 'birthday', name: '生日礼', definition: { amount: '8800' }, isPublished: true },
  { type: 'level_up', name: '升级奖励', definition: { amount: '5000 * level' }, isPublished: true },
  { type: 'task', name: '完成任务', definition: { amount: '2000' }, isPublished: true },
];
