import type BetterSqlite3 from 'better-sqlite3';
import { DinerLimits, type DrawRow } from './dinerLimits.ts';
import { CAMPAIGN_ID } from './fixture.ts';
import { fromSqlTime } from '../../src/platform/database/sqlValues.ts';
import type { Node } from './node.ts';
import type { Trace } from './trace.ts';

interface Position {
  owner_epoch: number;
  draw_no: number;
  log_no: number;
  status: string;
  chain_head: string;
  end_time: string;
}

interface PrizeRow {
  prize_id: number;
  total: number | null;
  remaining: number | null;
  won: number;
  can_be_won: number | null;
}

/** Of a pool: codes that count, are given and are stored; items that have one, how many different ones, and the last. */
interface CodesRow {
  prize_id: number;
  total: number;
  given: number;
  won: number;
  stored: number;
  items: number;
  different: number;
  last: number;
}

interface Movement {
  id: number;
  user_id: number;
  amount: number;
  before: number;
  after: number;
}

/** What is committed, row by row as it appears: a row once seen may neither vanish nor be followed by a gap. */
export class Invariants {
  private readonly owners = new Map<number, Node>();
  private readonly balances = new Map<number, number>();
  private readonly won = new Map<number, number>();
  private readonly limits: DinerLimits;
  private lastMovement = 0;
  private position: Position;
  private readonly select: Record<
    'position' | 'prizes' | 'codes' | 'draws' | 'movements' | 'accounts' | 'counts',
    Statement
  >;

  constructor(
    reader: BetterSqlite3.Database,
    private readonly trace: Trace,
  ) {
    const of = `campaign_id = ${CAMPAIGN_ID}`;
    this.select = {
      position: reader.prepare(
        `SELECT owner_epoch, draw_no, log_no, status, chain_head, end_time FROM lottery_campaigns WHERE ${of}`,
      ),
      prizes: reader.prepare(
        `SELECT prize_id, total_quantity AS total, remaining_quantity AS remaining, won_quantity AS won,
           CASE WHEN code_source = 'pool' THEN MIN(COALESCE(remaining_quantity, codes_total), codes_total - codes_given)
             ELSE remaining_quantity END AS can_be_won
         FROM lottery_prizes WHERE ${of}`,
      ),
      codes: reader.prepare(
        `SELECT p.prize_id, p.codes_total AS total, p.codes_given AS given, p.won_quantity AS won,
           (SELECT COUNT(*) FROM lottery_coupons c WHERE c.prize_id = p.prize_id) AS stored,
           COUNT(i.coupon_no) AS items, COUNT(DISTINCT i.coupon_no) AS different, COALESCE(MAX(i.coupon_no), 0) AS last
         FROM lottery_prizes p LEFT JOIN user_inventories i ON i.prize_id = p.prize_id
         WHERE p.code_source = 'pool' GROUP BY p.prize_id`,
      ),
      draws: reader.prepare(
        `SELECT draw_no, prize_id, user_id, draw_time, ROUND(points_cost * 100) AS cost
         FROM lottery_draws WHERE ${of} AND draw_no > ? ORDER BY draw_no`,
      ),
      movements: reader.prepare(
        `SELECT transaction_id AS id, user_id, ROUND(amount * 100) AS amount, ROUND(balance_before * 100) AS before,
           ROUND(balance_after * 100) AS after
         FROM points_transactions WHERE transaction_id > ? ORDER BY transaction_id`,
      ),
      accounts: reader.prepare(
        'SELECT user_id, ROUND(available_points * 100) AS available FROM user_points_accounts',
      ),
      counts: reader.prepare(
        `SELECT (SELECT COUNT(*) FROM lottery_draws) AS draws, (SELECT COUNT(*) FROM lottery_fairness_entries) AS entries,
           (SELECT SUM(draw_count) FROM lottery_draw_requests) AS asked,
           (SELECT COUNT(*) FROM user_inventories) AS items,
           (SELECT COUNT(*) FROM lottery_draws WHERE prize_id IS NOT NULL AND prize_id <> 3) AS things`,
      ),
    };
    this.position = this.select.position.get() as Position;
    this.limits = new DinerLimits(reader, trace);
    this.checkPoints();
  }

  get committed(): Readonly<Position> {
    return this.position;
  }

  /** DRAW-1: only the one who claimed the present epoch commits. Called at COMMIT, before the node knows. */
  onCommitted(node: Node): void {
    const before = this.position;
    this.position = this.select.position.get() as Position;
    const { owner_epoch: epoch, log_no: logNo, draw_no: drawNo, status } = this.position;
    if (epoch !== before.owner_epoch) {
      if (epoch !== before.owner_epoch + 1)
        this.trace.violate(`DRAW-1 the epoch went ${before.owner_epoch} to ${epoch}`);
      this.owners.set(epoch, node);
    } else if (logNo !== before.log_no || drawNo !== before.draw_no || status !== before.status) {
      const own = node.campaign?.ownerEpoch;
      if (this.owners.get(epoch) !== node || own !== epoch) {
        this.trace.violate(`DRAW-1 ${node.name} of epoch ${own ?? 'none'} committed in epoch ${epoch}`);
      }
    }
    if (drawNo !== before.draw_no && ['ended', 'archived'].includes(before.status))
      this.trace.violate(`L-1 ${node.name} drew ${drawNo} after the end`);
    this.checkBooks(before);
  }

  /** DRAW-2: what an owner shows is never ahead of the database; as of the same moment it is the same (DRAW-3). */
  checkShown(node: Node): void {
    const pool = node.campaign?.pool;
    if (pool === undefined) return;
    const { draw_no: drawNo, log_no: logNo } = this.position;
    const { leaderboard, recentWinners } = node.campaign!;
    const shownDrawNo = Math.max(pool.drawNo, ...recentWinners.map((winner) => winner.drawNo));
    const shownDraws = leaderboard.top.reduce((sum, { draws }) => sum + draws, 0);
    if (shownDrawNo > drawNo || pool.logNo > logNo || shownDraws > drawNo) {
      this.trace.violate(
        `DRAW-2 ${node.name} shows draw ${shownDrawNo}, log ${pool.logNo}; committed ${drawNo}, ${logNo}`,
      );
    }
    if (pool.logNo !== logNo) return;
    const prizes = this.select.prizes.all() as PrizeRow[];
    const wrong = prizes.find((prize) => pool.stock.get(prize.prize_id) !== prize.can_be_won);
    if (wrong === undefined) node.isDeceived &&= pool === node.deceivedPool;
    else if (!node.isDeceived) {
      const shown = pool.stock.get(wrong.prize_id) ?? 'null';
      this.trace.violate(
        `DRAW-3 ${node.name} holds ${shown} of prize ${wrong.prize_id}, stored ${wrong.can_be_won}`,
      );
    }
  }

  private checkBooks({ draw_no: fromDrawNo, end_time: end }: Position): void {
    const draws = this.select.draws.all(fromDrawNo) as DrawRow[];
    draws.forEach((draw, at) => {
      const { draw_no: drawNo, prize_id: prizeId } = draw;
      this.limits.check(draw);
      if (fromSqlTime(draw.draw_time) >= fromSqlTime(end))
        this.trace.violate(`RL-5 draw ${drawNo} was drawn at ${draw.draw_time}, the end is ${end}`);
      if (drawNo !== fromDrawNo + at + 1)
        this.trace.violate(`draw ${drawNo} follows draw ${fromDrawNo + at}`);
      if (prizeId !== null) this.won.set(prizeId, (this.won.get(prizeId) ?? 0) + 1);
    });
    const { draw_no: drawNo, log_no: logNo } = this.position;
    if (fromDrawNo + draws.length !== drawNo)
      this.trace.violate(`draw_no is ${drawNo} after ${draws.length} draws`);
    const counts = this.select.counts.get() as Record<
      'draws' | 'entries' | 'asked' | 'items' | 'things',
      number
    >;
    if (counts.draws !== drawNo)
      this.trace.violate(`${counts.draws} draws are stored, ${drawNo} were committed`);
    if (counts.draws + counts.entries !== logNo) this.trace.violate(`the log has gaps below ${logNo}`);
    if ((counts.asked ?? 0) !== counts.draws)
      this.trace.violate(`DRAW-4 ${counts.asked} draws asked, ${counts.draws} stored`);
    if (counts.items !== counts.things)
      this.trace.violate(`DRAW-8 ${counts.things} things won, ${counts.items} kept`);
    this.checkStock();
    this.checkCodes();
    this.checkPoints();
    this.limits.checkHistory(draws);
  }

  /** RL-10: each code that is given is the next one of those that count, and in one item. */
  private checkCodes(): void {
    for (const pool of this.select.codes.all() as CodesRow[]) {
      const { prize_id: prizeId, total, given, won, stored, items, different, last } = pool;
      const isEachOnce = [won, items, different, last].every((count) => count === given);
      if (!isEachOnce || given > total || total > stored)
        this.trace.violate(`RL-10 prize ${prizeId}: ${JSON.stringify(pool)}`);
    }
  }

  private checkStock(): void {
    for (const { prize_id: prizeId, total, remaining, won } of this.select.prizes.all() as PrizeRow[]) {
      const given = this.won.get(prizeId) ?? 0;
      const isExact = remaining === null ? total === null : remaining >= 0 && total === remaining + won;
      if (!isExact || won !== given) {
        this.trace.violate(
          `DRAW-3 prize ${prizeId}: total ${total}, remaining ${remaining}, won ${won}, given ${given}`,
        );
      }
    }
  }

  /** PTS-2: an account is the fold of its movements. */
  private checkPoints(): void {
    for (const { id, user_id: userId, amount, before, after } of this.select.movements.all(
      this.lastMovement,
    ) as Movement[]) {
      const balance = this.balances.get(userId) ?? 0;
      if (before !== balance || after !== before + amount || after < 0) {
        this.trace.violate(
          `PTS-2 movement ${id}: ${before} and ${amount} give ${after}; the balance was ${balance}`,
        );
      }
      this.balances.set(userId, after);
      if (amount > 0) this.limits.gain(userId, amount);
      this.lastMovement = id;
    }
    for (const account of this.select.accounts.all() as { user_id: number; available: number }[]) {
      const balance = this.balances.get(account.user_id) ?? 0;
      if (account.available !== balance) {
        this.trace.violate(
          `PTS-2 account of ${account.user_id} is ${account.available}, its movements give ${balance}`,
        );
      }
    }
  }
}

type Statement = BetterSqlite3.Statement<unknown[]>;
