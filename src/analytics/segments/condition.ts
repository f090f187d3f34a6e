/** Conditions over what is known of somebody: formulas as the rules of points have them, and these facts. */
import { formulaReader, type Formula, type OwnFacts } from '../../points/rules/formula.ts';
import type { Facts } from '../facts.ts';

/** Days are business days. Points are in 1/100, money in fen. */
export const SEGMENT_FACTS = {
  level: 'int',
  /** Points that can be spent. */
  balance: 'int',
  /** Since the registration. */
  account_days: 'int',
  /** 1 to 12; 0: not known. */
  birthday_month: 'int',
  /** Since they did something; of who never has, since the registration. */
  days_since_active: 'int',
  active_days_30: 'int',
  active_days_90: 'int',
  draws_30: 'int',
  check_ins_30: 'int',
  exchanges_90: 'int',
  trades_90: 'int',
  bills: 'int',
  bills_90: 'int',
  spend_fen: 'int',
  spend_90_fen: 'int',
  /** 36500: never in the last year. */
  days_since_visit: 'int',
  /** 0: fewer than three visits in the last year. */
  visit_cycle_days: 'int',
  /** -1: fewer than ten draws. */
  free_draws_percent: 'int',
  /** Of the most bills; 0: none. */
  restaurant: 'int',
  /** draws, exchanges, trades, check_ins, bills; empty: nothing in 90 days. */
  feature: 'string',
  /** new, active, silent, lost. */
  status: 'string',
  /** high, middle, low, none. */
  value: 'string',
} as const;
export type SegmentFact = keyof typeof SEGMENT_FACTS;

/** More than any that there is. */
export const NEVER_DAYS = 36_500;

const read = formulaReader(SEGMENT_FACTS);

/** @throws Error that says in one line why this is no condition */
export function readCondition(text: string): Formula {
  return read(text, 'bool');
}

export function segmentFactsOf(facts: Facts): Record<SegmentFact, number | string> & OwnFacts {
  const { windows, sums } = facts;
  return {
    level: facts.level,
    balance: facts.availableHundredths,
    account_days: facts.accountDays,
    birthday_month: facts.birthdayMonth,
    days_since_active: facts.daysSinceActive,
    active_days_30: windows.activeDays30,
    active_days_90: windows.activeDays90,
    draws_30: windows.draws30,
    check_ins_30: windows.checkIns30,
    exchanges_90: windows.exchanges90,
    trades_90: windows.trades90,
    bills: sums?.bills ?? 0,
    bills_90: windows.bills90,
    spend_fen: Math.max(0, sums?.spentFen ?? 0),
    spend_90_fen: windows.spent90Fen,
    days_since_visit: facts.daysSinceVisit ?? NEVER_DAYS,
    visit_cycle_days: Math.round(facts.visitCycleDays ?? 0),
    free_draws_percent: facts.freeDrawsPercent ?? -1,
    restaurant: facts.restaurantId ?? 0,
    feature: windows.feature ?? '',
    status: facts.status,
    value: facts.value,
  };
}
