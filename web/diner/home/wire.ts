/** What the home page reads of the API. */
import type { z } from 'zod';
import type { recommendationsShape } from '../../../src/smart/messages.ts';

export interface CheckIn {
  /** YYYY-MM-DD */
  date: string;
  streak: number;
  points: number;
  month_bonus: number;
  holiday_bonus: number;
}

export interface CheckInMonth {
  /** YYYY-MM */
  month: string;
  days: CheckIn[];
  streak: number;
  checked_in_today: boolean;
}

export interface Level {
  level: number;
  /** From which it holds. */
  experience: number;
}

export interface Rules {
  items: { rule_id: number; type: string; name: string; multiplier: number }[];
  level: number;
  levels: Level[];
  /** Points that may be given away on one business day, and from how many at once somebody looks at it first. */
  transfers: { per_day: number; review_from: number };
}

export interface Standing {
  available_points: number;
  level: number;
  experience_points: number;
  pending_points: number;
  frozen_points: number;
}

export interface Task {
  task_id: number;
  name: string;
  kind: 'basic' | 'dynamic' | 'achievement';
  metric: 'check_ins' | 'streak' | 'draws' | 'bills' | 'spend' | 'earned' | 'level';
  goal: number;
  period: 'day' | 'week' | 'month' | 'once';
  /** Of `spend` in fen, of `earned` in 1/100 points. */
  progress: number;
  reward: number;
  status: 'open' | 'claimable' | 'claimed';
}

export interface Round {
  campaign_id: number;
  name: string;
  status: 'active' | 'scheduled';
  starts_at: string;
  ends_at: string;
  free_draws_per_day: number;
  prizes: { prize_id: number; name: string; type: string; remaining: number | null }[];
}

export type ForYou = z.output<typeof recommendationsShape>;
export type ForYouItem = ForYou['items'][number];
