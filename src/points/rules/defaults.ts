/** The rules that a new installation begins with; all of them may be edited. Amounts are in 1/100 point. */
import type { RuleType } from './formula.ts';

export interface DefaultRule {
  type: RuleType;
  name: string;
  /** Passes `definitionShape`. */
  definition: object;
  /** A draft is an example: it grants nothing. */
  isExample?: true;
}

export const DEFAULT_RULES: readonly DefaultRule[] = [
  { type: 'check_in', name: '每日签到', definition: { amount: '1000 * multiplier' } },
  {
    type: 'check_in_month',
    name: '月度签到奖励',
    definition: {
      condition: 'days == 15 || days == month_days',
      amount: 'days == month_days ? 30000 : 10000',
    },
  },
  { type: 'check_in_holiday', name: '节日签到奖励', definition: { amount: '2000' } },
  { type: 'first_login', name: '首次登录', definition: { amount: '10000' } },
  {
    type: 'task',
    name: '本周签到三天',
    definition: { amount: '2000', task: { metric: 'check_ins', goal: 3, period: 'week' } },
  },
  {
    type: 'task',
    name: '抽一次奖',
    definition: { amount: '1000', task: { metric: 'draws', goal: 1, period: 'once' } },
  },
  {
    type: 'task',
    name: '会员本月消费满 200 元',
    // In fen.
    definition: {
      condition: 'level >= 2',
      amount: '5000 * level',
      task: { kind: 'dynamic', metric: 'spend', goal: 20_000, period: 'month' },
    },
  },
  {
    type: 'task',
    name: '累计签到一百天',
    definition: { amount: '50000', task: { kind: 'achievement', metric: 'check_ins', goal: 100 } },
  },
  {
    type: 'rebate',
    name: '消费返积分',
    // A fen of the bill is 1/100 point at 100 %: 1 % at level 1, 5 % at level 5 and above.
    definition: { amount: 'bill_amount * min(max(level, 1), 5) / 100', priority: 100 },
  },
  {
    type: 'rebate',
    name: '会员加赠（示例）',
    definition: {
      amount: 'bill_amount / 100',
      priority: 60,
      multiplier_by_level: { '1': 0, '4': 15_000, '5': 20_000 },
    },
    isExample: true,
  },
  {
    type: 'rebate',
    name: '活动期间加赠（示例）',
    definition: { amount: 'bill_amount / 100', condition: 'bill_amount >= 10000', priority: 50 },
    isExample: true,
  },
  { type: 'birthday', name: '生日礼', definition: { amount: '8800' } },
  { type: 'level_up', name: '升级奖励', definition: { amount: '5000 * level' } },
];
