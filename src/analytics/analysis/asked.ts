import type { DayRange } from '../reading/askedDays.ts';
import type { ReadingBudget } from '../reading/budget.ts';
import type { AnalysisServices } from '../reading/services.ts';
import type { AnalysisQuery } from './messages.ts';

/** One analysis that is under way. */
export interface Asked {
  services: AnalysisServices;
  query: AnalysisQuery;
  range: DayRange;
  /** The business day that is not over. */
  today: string;
  budget: ReadingBudget;
}

/** As a condition on whom rows are of. */
export function ofPerson({ query: { user_id: userId } }: Asked): { userId?: number } {
  return userId === undefined ? {} : { userId };
}

export interface Needs {
  measure: 'weeks' | 'people' | 'days';
  there: number;
  needed: number;
}

export const ENOUGH = { state: 'ok', needs: null } as const;

export function notEnough(needs: Needs) {
  return { state: 'not_enough_data', needs } as const;
}
