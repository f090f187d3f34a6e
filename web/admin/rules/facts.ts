/** What formulas of each type may name besides the person's own facts, and a sample of each to try them with. */
import type { RuleType } from './wire.ts';

export const PERSON_FACTS = ['level', 'experience', 'history_points', 'account_days'] as const;

type Sample = number | string;

export const FACTS: Record<RuleType, Record<string, Sample>> = {
  check_in: { streak: 3, multiplier: 3 },
  check_in_month: { days: 30, month_days: 30 },
  check_in_holiday: { holiday: '春节', streak: 3 },
  first_login: {},
  task: { progress: 1 },
  rebate: {},
  birthday: { year: 2026 },
  level_up: { previous_level: 1 },
};

/** Named in formulas, but given as the amount of the bill in yuan. */
export function hasBill(type: RuleType): boolean {
  return type === 'rebate';
}

export function factNames(type: RuleType): string[] {
  return [...(hasBill(type) ? ['bill_amount'] : []), ...Object.keys(FACTS[type]), ...PERSON_FACTS];
}
