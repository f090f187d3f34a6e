/** What the tasks of rules are made of (P-8). */

/** What is counted, within the period of the task, of what has been committed. `spend` in fen, `earned` in 1/100 points. */
export const TASK_METRICS = ['check_ins', 'streak', 'draws', 'bills', 'spend', 'earned', 'level'] as const;
export type TaskMetric = (typeof TASK_METRICS)[number];

export const TASK_PERIODS = ['day', 'week', 'month', 'once'] as const;
export type TaskPeriod = (typeof TASK_PERIODS)[number];
