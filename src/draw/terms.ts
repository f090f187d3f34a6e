/** What a campaign promises a diner: its configuration as drawn from, and all besides that may not become worse. */
import type { DrawConfig, PrizeConfig } from './odds.ts';

export interface PrizeTerms extends PrizeConfig {
  /** How many have been won; `stock` is what can still be. */
  won: number;
}

/** Who may draw; what is not named is asked of nobody. */
export interface TermsConditions {
  min_level?: number | undefined;
  max_level?: number | undefined;
  min_history_points?: number | undefined;
  registered_before?: string | undefined;
  registered_after?: string | undefined;
  /** One of them suffices. */
  segments?: readonly string[] | undefined;
  visited_restaurant_ids?: readonly number[] | undefined;
}

/** All that a diner is promised. Of limits, null says that there is none. */
export interface Terms extends DrawConfig {
  prizes: PrizeTerms[];
  starts_at: string;
  ends_at: string;
  total_draws: number | null;
  draws_per_user_per_day: number | null;
  free_draws_per_day: number;
  wins_per_user: number | null;
  draws_per_second: number | null;
  conditions: TermsConditions | null;
  /** null: unclaimed prizes do not expire. */
  claim_days: number | null;
  /** Whether others may win what nobody claimed. */
  return_unclaimed: boolean;
  /** null or empty: everywhere. */
  restaurant_ids: readonly number[] | null;
  disclosures: Readonly<Record<string, string>> | null;
}

/** One thing that may not be, and where in the campaign's document. Prizes go by their id: `prizes.7.value`. */
export interface TermsProblem {
  path: string;
  reason: string;
}

/** What a diner is told by law, by the names that `disclosures` of a document has. */
export const DISCLOSURES = [
  'conditions',
  'draw_method',
  'draw_time',
  'claim_time',
  'claim_place',
  'claim_terms',
  'forfeiture',
  'organiser',
  'contact',
] as const;
