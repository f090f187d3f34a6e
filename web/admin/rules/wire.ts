/** Of the API, as the OpenAPI document has it. */
export const RULE_TYPES = [
  'check_in',
  'check_in_month',
  'check_in_holiday',
  'first_login',
  'task',
  'rebate',
  'birthday',
  'level_up',
] as const;
export type RuleType = (typeof RULE_TYPES)[number];

export const TASK_METRICS = ['check_ins', 'streak', 'draws', 'bills', 'spend', 'earned', 'level'] as const;

export interface Task {
  kind: 'basic' | 'dynamic' | 'achievement';
  metric: (typeof TASK_METRICS)[number];
  goal: number;
  period: 'day' | 'week' | 'month' | 'once';
}

export interface Definition {
  condition: string;
  amount: string;
  segments?: string[];
  priority: number;
  starts_at: string | null;
  ends_at: string | null;
  stacking: 'stack' | 'exclusive';
  multiplier_by_level: Record<string, number>;
  caps: { day: number | null; week: number | null; month: number | null };
  task?: Task;
}

export interface Rule {
  rule_id: number;
  type: RuleType;
  name: string;
  version: number;
  published_version: number | null;
  definition: Definition;
  updated_at: string;
}

export interface RuleDetail extends Rule {
  versions: {
    version: number;
    name: string;
    definition: Definition;
    published_at: string;
    published_by: number;
  }[];
}

export interface Explained {
  rule_id: number;
  version: number;
  name: string;
  matched: boolean;
  reason:
    'granted' | 'not_yet' | 'over' | 'stopped' | 'segments' | 'condition' | 'failed' | 'nothing' | 'capped';
  failure: string | null;
  points_before_caps: number;
  points: number;
  stopped_by: number | null;
  cap: 'day' | 'week' | 'month' | null;
}

export interface Preview {
  points: number;
  explain: Explained[];
}

export interface HolidayYear {
  year: number;
  source: 'table' | 'library' | 'none';
  days: { date: string; kind: 'holiday' | 'workday'; name: string }[];
}
