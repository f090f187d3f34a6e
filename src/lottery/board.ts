import type { AccessControl } from '../identity/access/accessControl.ts';
import { businessDayOf, type Clock } from '../platform/clock.ts';
import { GroupRead } from '../platform/database/groupRead.ts';
import type { Database } from '../platform/database/transaction.ts';
import { AppError } from '../platform/errors.ts';
import { LIMITS } from '../platform/limits.ts';
import type { Logger } from '../platform/logger.ts';
import { readAccounts, type Account } from '../points/account.ts';
import { leftOf } from './conditions.ts';
import { counterOn, readCounters, withEarlier, type Counter } from './counters.ts';
import { readEarlierCounters } from './earlierAccounts.ts';
import type { Winner } from './drawBatch.ts';
import { Leaderboard, type Score } from './leaderboard.ts';
import type { Odds, Standing } from './messages.ts';
import { oddsOf } from './odds.ts';
import type { Pool } from './pool.ts';
import { Renamed } from './renamed.ts';
import { readNicknames, readRecentWinners, readTopScores } from './standings.ts';

export interface BoardServices {
  database: Database;
  clock: Clock;
  logger: Logger;
  businessTimezone: string;
  /** Tells of users who are renamed; absent: nobody is. */
  access?: Pick<AccessControl, 'watchPersons'>;
}

/** An account, what it has drawn here, and what earlier accounts of the same person have. */
type Found = [Account, Counter | undefined, readonly Counter[]];

/*
 * Who stands where in a campaign, as its owner shows it: committed values only (DRAW-2).
 *
 * Scores and winners are read when the owner opens the campaign, and follow its commits. After a commit that failed they are in
 * doubt: it may have been kept all the same, and its draws are then repeated, not decided. The next commit reads them anew.
 */
export class Board {
  private leaderboard_ = new Leaderboard([]);
  private winners: readonly Winner[] = [];
  private isInDoubt = false;
  private readonly renames: Renamed;
  /** Of many diners at once: a full house that looks must not keep those who draw from the database. */
  private readonly standings: GroupRead<Found>;

  static async open(services: BoardServices, pool: Pool): Promise<Board> {
    const board = new Board(services, pool.campaignId);
    try {
      await board.read(pool);
      return board;
    } catch (error) {
      board.close();
      throw error;
    }
  }

  private constructor(
    private readonly services: BoardServices,
    campaignId: number,
  ) {
    // Before the first names are read.
    this.renames = new Renamed(services.access);
    this.standings = new GroupRead({
      maxWaiting: LIMITS.queuedDrawRequests,
      maxKeys: LIMITS.standingsPerRead,
      read: (userIds) => this.readStandings(campaignId, userIds),
    });
  }

  get leaderboard(): Leaderboard {
    return this.leaderboard_;
  }

  /** Newest first. */
  get recentWinners(): readonly Winner[] {
    return this.winners;
  }

  /** A commit has failed. */
  doubt(): void {
    this.isInDoubt = true;
  }

  /** Takes over what a commit has brought, after which the pool is `pool`. Winners in the order of their draws. */
  async follow({ scores, winners }: { scores: Score[]; winners: Winner[] }, pool: Pool): Promise<void> {
    this.leaderboard_.update(scores);
    this.winners = winners.reverse().concat(this.winners).slice(0, LIMITS.recentWinners);
    if (!this.isInDoubt) return;
    try {
      await this.read(pool);
      this.isInDoubt = false;
    } catch (error) {
      // Nobody's result depends on it, and the next commit tries again.
      const { campaignId } = pool;
      this.services.logger.warn({ err: error, campaignId }, 'the leaderboard could not be read');
    }
  }

  get hasRenamed(): boolean {
    return !this.renames.isEmpty;
  }

  /** Reads the names of those who are shown and may have been renamed. Returns whether there were any. */
  async followNames(): Promise<boolean> {
    const shown = [...this.leaderboard_.top, ...this.winners].map(({ userId }) => userId);
    const { userIds, putBack } = this.renames.take(shown);
    if (userIds.length === 0) return false;
    try {
      const nicknames = await readNicknames(this.services.database, userIds);
      this.leaderboard_.rename(nicknames);
      this.winners = this.winners.map((winner) => ({
        ...winner,
        nickname: nicknames.get(winner.userId) ?? winner.nickname,
      }));
      return true;
    } catch (error) {
      putBack();
      throw error;
    }
  }

  close(): void {
    this.renames.stop();
  }

  /** A diner's own standing, from committed rows; their place from what is shown. @throws AppError NOT_FOUND, BUSY */
  async standingOf(userId: number, { engine, drawsPerUserPerDay, freeDrawsPerDay }: Pool): Promise<Standing> {
    const { clock, businessTimezone } = this.services;
    const [account, counter, earlier] = await this.accountAndCounterOf(userId);
    const today = businessDayOf(clock.nowMs(), businessTimezone);
    const day = withEarlier(counterOn(today, userId, counter), earlier);
    const streak = counter?.streak ?? 0;
    return {
      balance: account.availableHundredths / 100,
      streak,
      guarantee_in: engine.guaranteeIn(streak),
      draws_left_today: leftOf(drawsPerUserPerDay, day.drawsToday),
      free_draws_left_today: leftOf(freeDrawsPerDay, day.freeToday),
      wins: counter?.wins ?? 0,
      rank: this.leaderboard_.rankOf(userId) ?? (counter === undefined ? null : LIMITS.rankedDiners + 1),
    };
  }

  /** What a diner's next draw may win, by their level and streak of now. @throws AppError NOT_FOUND, BUSY */
  async oddsOf(userId: number, { engine, tableVersion }: Pool): Promise<Odds> {
    const [{ level }, counter] = await this.accountAndCounterOf(userId);
    const nowMs = this.services.clock.nowMs();
    return oddsOf(engine, { tableVersion, level, streak: counter?.streak ?? 0, nowMs });
  }

  private async accountAndCounterOf(userId: number): Promise<Found> {
    const found = await this.standings.read(userId);
    if (found === undefined) throw new AppError('NOT_FOUND');
    return found;
  }

  private async read(pool: Pool): Promise<void> {
    const { database } = this.services;
    const [scores, winners] = await Promise.all([
      readTopScores(database, pool.campaignId),
      readRecentWinners(database, pool),
    ]);
    this.leaderboard_ = new Leaderboard(scores);
    this.winners = winners;
  }

  private async readStandings(campaignId: number, userIds: readonly number[]): Promise<Map<number, Found>> {
    const { database } = this.services;
    const [accounts, counters, earlier] = await Promise.all([
      readAccounts(database, userIds),
      readCounters(database, campaignId, userIds),
      readEarlierCounters(database, campaignId, userIds),
    ]);
    return new Map(
      [...accounts].map(([userId, account]) => [
        userId,
        [account, counters.get(userId), earlier.get(userId) ?? []],
      ]),
    );
  }
}
