/**
 * Decides draws. Pure: the same configuration, stock, streak, bonuses and roll always give the same outcome, here, in the
 * verifier and in the simulator.
 *
 * Order of decision: the roll names a prize or none → a prize out of stock passes the draw down its fallback chain → when
 * the draw would still lose and the losing streak has reached the threshold, the guarantee prize (or its fallback) is given.
 * A roll that wins by itself is kept, so the guarantee never takes a better prize away.
 */
import {
  buildOddsTable,
  findInterval,
  type Bonuses,
  type DrawConfig,
  type Interval,
  type OddsTable,
  type PrizeConfig,
} from './odds.ts';

/** Remaining stock by prize id; null: unlimited. */
export type Stock = Map<number, number | null>;

export interface Decision {
  rolled: Interval;
  prizeId: number | null;
  isGuarantee: boolean;
}

export interface DecisionInput {
  roll: number;
  bonuses: Bonuses;
  /** Losing draws in a row before this one. */
  streak: number;
  stock: Stock;
}

/** Odds tables kept for the sums of bonuses met so far; levels, periods and pity steps give few of them. */
const MAX_TABLES = 256;

/** One published configuration, ready to decide draws. */
export class DrawEngine {
  private readonly byId: Map<number, PrizeConfig>;
  private readonly tables = new Map<number, OddsTable>();

  constructor(readonly config: DrawConfig) {
    this.byId = new Map(config.prizes.map((prize) => [prize.prize_id, prize]));
  }

  /** The outcome of one draw. Takes the prize from `stock`. */
  decide({ roll, bonuses, streak, stock }: DecisionInput): Decision {
    const rolled = findInterval(this.tableFor(bonuses), roll);
    let prizeId = rolled.prizeId === null ? null : this.firstInStock(rolled.prizeId, stock);
    let isGuarantee = false;
    const { guarantee } = this.config;
    if (prizeId === null && guarantee !== null && streak + 1 >= guarantee.threshold) {
      prizeId = this.firstInStock(guarantee.prize_id, stock);
      isGuarantee = prizeId !== null;
    }
    if (prizeId !== null) take(stock, prizeId);
    return { rolled, prizeId, isGuarantee };
  }

  /** Draws until the guarantee gives its prize at the latest, counted from now; null without a guarantee. */
  guaranteeIn(streak: number): number | null {
    const { guarantee } = this.config;
    return guarantee === null ? null : Math.max(1, guarantee.threshold - streak);
  }

  tableFor(bonuses: Bonuses): OddsTable {
    const bonusBp = bonuses.level_bp + bonuses.period_bp + bonuses.pity_bp;
    let table = this.tables.get(bonusBp);
    if (table === undefined) {
      if (this.tables.size >= MAX_TABLES) this.tables.clear();
      table = buildOddsTable(this.config.prizes, bonusBp);
      this.tables.set(bonusBp, table);
    }
    return table;
  }

  prize(prizeId: number): PrizeConfig {
    const prize = this.byId.get(prizeId);
    if (prize === undefined) throw new RangeError(`Prize ${prizeId} is not in the configuration`);
    return prize;
  }

  private firstInStock(prizeId: number, stock: Stock): number | null {
    let at: number | null = prizeId;
    // The chain has no circle (configProblems), the bound holds even if it had.
    for (let step = 0; at !== null && step <= this.byId.size; step++) {
      const remaining = stock.get(at);
      if (remaining === null || (remaining !== undefined && remaining > 0)) return at;
      at = this.prize(at).fallback_prize_id;
    }
    return null;
  }
}

function take(stock: Stock, prizeId: number): void {
  const remaining = stock.get(prizeId);
  if (typeof remaining === 'number') stock.set(prizeId, remaining - 1);
}
