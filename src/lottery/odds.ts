import { levelBonusOf, periodBonusOf, pityBonusOf, ROLL_RANGE } from '../draw/odds.ts';
import type { DrawEngine } from '../draw/engine.ts';
import type { Odds } from './messages.ts';

export interface OddsCircumstances {
  tableVersion: number;
  level: number;
  /** Losing draws in a row so far. */
  streak: number;
  nowMs: number;
}

/**
 * What the next draw of a diner may win, were it drawn now: from the integers that decide it, so that what is shown and what is
 * rolled are the same (RL-13). What is out of stock is not looked at: its draws pass on to its fallback.
 */
export function oddsOf(engine: DrawEngine, { tableVersion, level, streak, nowMs }: OddsCircumstances): Odds {
  const { config } = engine;
  const bonuses = {
    level_bp: levelBonusOf(config, level),
    period_bp: periodBonusOf(config, nowMs),
    pity_bp: pityBonusOf(config, streak),
  };
  const { prizeIds, cumulative } = engine.tableFor(bonuses);
  return {
    table_version: tableVersion,
    ...bonuses,
    streak,
    guarantee_in: engine.guaranteeIn(streak),
    prizes: prizeIds.map((prizeId, at) => {
      const from = at === 0 ? 0 : cumulative[at - 1]!;
      const to = cumulative[at]!;
      return {
        prize_id: prizeId,
        probability: engine.prize(prizeId).p / 1e8,
        effective_probability: (to - from) / ROLL_RANGE,
        interval: { from, to },
      };
    }),
  };
}
