import { DrawEngine, type Stock } from '../draw/engine.ts';
import { configProblems, periodBonusOf, pityBonusOf, type DrawConfig } from '../draw/odds.ts';
import { Roller } from '../draw/roll.ts';
import { nodeSha256 } from '../lottery/sha256.ts';
import { fromSqlTime } from '../platform/database/sqlValues.ts';
import { configShape } from '../verifier/publishedShapes.ts';

export interface DrawLogRow {
  log_no: number | string;
  draw_no: number | string;
  user_id: number;
  client_seed: string;
  fairness_epoch: number;
  table_version: number;
  level_bp: number;
  period_bp: number;
  pity_bp: number;
  streak_before: number;
  roll: number | string;
  interval_from: number | string;
  interval_to: number | string;
  rolled_prize_id: number | null;
  prize_id: number | null;
  is_guarantee: number | boolean;
  chain_hash: string;
  draw_time: Date | string;
}

/** What a draw was decided with, besides what is published. */
export interface Before {
  /** Losing draws in a row. */
  streak: number;
  /** Left as it is. */
  stock: Stock;
}

/** Decides each stored draw again: by the engine, the configuration published last, and the seed where it can be read. */
export class Decisions {
  private engine: DrawEngine | undefined;
  private roller: { epoch: number; roller: Roller | undefined } = { epoch: 0, roller: undefined };

  /** @param seeds those that can be read, by epoch */
  constructor(
    private readonly campaignId: number,
    private readonly seeds: ReadonlyMap<number, Buffer>,
  ) {}

  /** Returns what is wrong with it; then nothing can be decided by it. */
  publish(config: unknown): string | undefined {
    this.engine = undefined;
    const parsed = configShape.safeParse(config);
    if (!parsed.success) {
      const [issue] = parsed.error.issues;
      return `config.${issue!.path.join('.')} ${issue!.message}`;
    }
    const drawn = parsed.data as DrawConfig;
    const [problem] = configProblems(drawn);
    if (problem === undefined) this.engine = new DrawEngine(drawn);
    return problem;
  }

  /** The fields of a draw that are not what they must be. */
  faultsOf(row: DrawLogRow, { streak, stock }: Before): string[] {
    if (this.engine === undefined) return [];
    const { config } = this.engine;
    const stored = {
      period_bp: row.period_bp,
      pity_bp: row.pity_bp,
      roll: Number(row.roll),
      rolled_prize_id: row.rolled_prize_id,
      interval_from: Number(row.interval_from),
      interval_to: Number(row.interval_to),
      prize_id: row.prize_id,
      is_guarantee: Number(row.is_guarantee) === 1,
    };
    const decision = this.engine.decide({ roll: stored.roll, bonuses: row, streak, stock });
    giveBack(stock, decision.prizeId);
    const expected: typeof stored = {
      period_bp: periodBonusOf(config, fromSqlTime(row.draw_time)),
      pity_bp: pityBonusOf(config, streak),
      roll: this.rollOf(row) ?? stored.roll,
      rolled_prize_id: decision.rolled.prizeId,
      interval_from: decision.rolled.from,
      interval_to: decision.rolled.to,
      prize_id: decision.prizeId,
      is_guarantee: decision.isGuarantee,
    };
    const faults = (Object.keys(stored) as (keyof typeof stored)[])
      .filter((field) => stored[field] !== expected[field])
      .map((field) => `${field} ${stored[field]}, expected ${expected[field]}`);
    // A user's level is not kept, so only that the bonus is one of the levels' can be told.
    const isOfALevel = row.level_bp === 0 || Object.values(config.level_bonus_bp).includes(row.level_bp);
    return isOfALevel ? faults : [`level_bp ${row.level_bp} is of no level`, ...faults];
  }

  private rollOf({ fairness_epoch, draw_no, user_id, client_seed }: DrawLogRow): number | undefined {
    if (this.roller.epoch !== fairness_epoch) {
      const seed = this.seeds.get(fairness_epoch);
      this.roller = { epoch: fairness_epoch, roller: seed && new Roller(seed, nodeSha256) };
    }
    const { campaignId } = this;
    return this.roller.roller?.roll({
      campaignId,
      drawNo: Number(draw_no),
      userId: user_id,
      clientSeed: client_seed,
    });
  }
}

/** What the engine has taken. */
function giveBack(stock: Stock, prizeId: number | null): void {
  const left = prizeId === null ? undefined : stock.get(prizeId);
  if (typeof left === 'number') stock.set(prizeId!, left + 1);
}
