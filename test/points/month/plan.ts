/**
 * The month of a diner, and of a friend who checks in on every day: October 2026, with the National Day from the 1st to the 7th and
 * a Saturday of work, the 10th. The diner misses the 13th. Who checks in on which day is not in here.
 */
import type { Step } from './deeds.ts';

export interface Planned {
  day: number;
  step: Step;
}

const on = (day: number, ...steps: Step[]): Planned[] => steps.map((step) => ({ day, step }));

/** Of the diner, in their order. */
export const PLAN: readonly Planned[] = [
  ...on(1, { kind: 'bill', id: 'A', fen: 12_345 }),
  ...on(2, { kind: 'draw', id: 'draw 1', times: 1 }),
  ...on(
    3,
    { kind: 'grant', id: 'until the 9th', amount: 30_050, lastDay: '2026-10-09' },
    { kind: 'grant', id: 'until the 12th', amount: 20_000, lastDay: '2026-10-12' },
  ),
  // Parts of which none is whole: 333.33 is 3.33 points, of which 100.01 takes 0.99 and 211.12 takes 2.10.
  ...on(4, { kind: 'bill', id: 'B', fen: 33_333 }, { kind: 'refund', of: 'B', fen: 10_001 }),
  ...on(5, { kind: 'refund', of: 'B', fen: 11_111 }, { kind: 'spend', id: 'tea', amount: 15_000 }),
  ...on(6, { kind: 'refund', of: 'B' }),
  // The second level.
  ...on(7, { kind: 'grant', id: 'feast', amount: 2_000_000 }),
  ...on(8, { kind: 'bill', id: 'C', fen: 10_007 }, { kind: 'give', id: 'gift 1', amount: 10_025 }),
  ...on(9, { kind: 'grant', id: 'late', amount: 4_444, lastDay: '2026-10-09' }),
  ...on(11, { kind: 'spend', id: 'cake', amount: 4_999 }),
  ...on(12, { kind: 'bill', id: 'D', fen: 9_999 }),
  ...on(13, { kind: 'draw', id: 'draw 2', times: 10 }),
  ...on(14, { kind: 'grant', id: 'until the 20th', amount: 8_000, lastDay: '2026-10-20' }),
  ...on(15, { kind: 'freeze', amount: 50_000 }),
  ...on(16, { kind: 'release', amount: 20_001 }),
  ...on(17, { kind: 'use', amount: 6_003 }),
  ...on(18, { kind: 'take_back', of: 'cake', amount: 2_000 }, { kind: 'take_back', of: 'tea', amount: 501 }),
  ...on(20, { kind: 'grant', id: 'wedding', amount: 3_000_077 }),
  ...on(21, { kind: 'bill', id: 'E', fen: 77_777 }, { kind: 'take_back', of: 'wedding', amount: 2_500_033 }),
  // What was frozen of what ended with the 20th ends now.
  ...on(22, { kind: 'release', amount: 23_996 }, { kind: 'bill', id: 'F', fen: 77_777 }),
  // The third level again.
  ...on(23, { kind: 'grant', id: 'birthday', amount: 2_600_000 }),
  ...on(24, { kind: 'bill', id: 'G', fen: 33_335 }, { kind: 'refund', of: 'G', fen: 1 }),
  ...on(25, { kind: 'draw', id: 'draw 3', times: 10 }, { kind: 'draw', id: 'draw 4', times: 10 }),
  ...on(26, { kind: 'give', id: 'gift 2', amount: 999_999 }),
  ...on(28, { kind: 'adjust', id: 'less', amount: -1_234 }, { kind: 'adjust', id: 'more', amount: 5_001 }),
  ...on(29, { kind: 'refund', of: 'G', fen: 17_000 }),
  ...on(30, { kind: 'draw', id: 'draw 5', times: 3 }, { kind: 'refund', of: 'G' }),
  ...on(31, { kind: 'take_back', of: 'wedding', amount: 500_044 }, { kind: 'bill', id: 'H', fen: 1 }),
];

/** On these days nobody but the job makes what has ended expire. */
export const MISSED = 13;
