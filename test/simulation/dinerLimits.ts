import type BetterSqlite3 from 'better-sqlite3';
import { businessDayOf } from '../../src/platform/clock.ts';
import { fromSqlTime } from '../../src/platform/database/sqlValues.ts';
import { CAMPAIGN_ID, TIMEZONE } from './fixture.ts';
import type { Trace } from './trace.ts';

export interface DrawRow {
  draw_no: number;
  prize_id: number | null;
  user_id: number;
  draw_time: string;
  /** 1/100 points. */
  cost: number;
}

interface Drawn {
  draws: number;
  free: number;
  wins: number;
  days: Set<string>;
}

/** As the campaign has them. */
interface Limits {
  perDay: number | null;
  free: number;
  wins: number | null;
  cost: number;
  history: number | null;
}

/** L-7: what each diner has drawn, and on which days by the clocks of the owners, against what the campaign allows. */
export class DinerLimits {
  private readonly drawn = new Map<number, Drawn>();
  private readonly gained = new Map<number, number>();
  private readonly limits: Limits;

  constructor(
    reader: BetterSqlite3.Database,
    private readonly trace: Trace,
  ) {
    this.limits = reader
      .prepare(
        `SELECT draws_per_user_per_day AS perDay, free_draws_per_day AS free, wins_per_user AS wins,
           ROUND(cost_per_draw * 100) AS cost, json_extract(conditions, '$.min_history_points') AS history
         FROM lottery_campaigns WHERE campaign_id = ${CAMPAIGN_ID}`,
      )
      .get() as Limits;
  }

  /** However the clocks stand, a diner gets no more than each day's draws, and of these no more than are free. */
  check({ user_id: userId, draw_time: time, prize_id: prizeId, cost }: DrawRow): void {
    const { perDay, free, wins, cost: price } = this.limits;
    const drawn = this.drawn.get(userId) ?? { draws: 0, free: 0, wins: 0, days: new Set() };
    this.drawn.set(userId, drawn);
    drawn.draws += 1;
    drawn.days.add(businessDayOf(fromSqlTime(time), TIMEZONE));
    if (cost === 0) drawn.free += 1;
    if (prizeId !== null) drawn.wins += 1;
    const days = drawn.days.size;
    const violate = (what: string) => this.trace.violate(`L-7 diner ${userId} ${what}`);
    if (perDay !== null && drawn.draws > perDay * days)
      violate(`drew ${drawn.draws} times on ${days} days, ${perDay} a day are allowed`);
    if (drawn.free > free * days)
      violate(`drew ${drawn.free} times for nothing on ${days} days, ${free} a day are free`);
    if (wins !== null && drawn.wins > wins) violate(`won ${drawn.wins} times, ${wins} are allowed`);
    if (cost !== 0 && cost !== price) violate(`paid ${cost} for a draw of ${price}`);
  }

  gain(userId: number, hundredths: number): void {
    this.gained.set(userId, (this.gained.get(userId) ?? 0) + hundredths);
  }

  /** Of a batch whose gains are counted: each may have come before the draw. */
  checkHistory(draws: readonly DrawRow[]): void {
    const { history } = this.limits;
    if (history === null) return;
    for (const { user_id: userId } of draws) {
      const gained = (this.gained.get(userId) ?? 0) / 100;
      if (gained < history)
        this.trace.violate(`L-7 diner ${userId} drew with ${gained} points gained of ${history}`);
    }
  }
}
