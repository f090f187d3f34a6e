/*
 * Draws, in the order of their numbers, counted into the rows of the statistics. It reads and writes nothing: the fold adds its rows
 * to those that are stored, and an answer adds them to what it has read. A draw belongs to the periods of its own time, whatever
 * the order is in which clocks had it (TIME-1); whose first draw it was goes by numbers.
 */
import type { LotteryCampaignVisitor } from '../../../entities/lottery/LotteryCampaignVisitor.ts';
import type { LotteryDayDrawn } from '../../../entities/lottery/LotteryDayDrawn.ts';
import type { LotteryPeriod, StatisticsPeriod } from '../../../entities/lottery/LotteryPeriod.ts';
import type { LotteryPeriodPrize } from '../../../entities/lottery/LotteryPeriodPrize.ts';
import { dayAfter } from '../../points/statistics/periods.ts';
import type { Calendar, Starts } from './calendar.ts';

/** What statistics know of a draw. Points in 1/100. */
export interface CountedDraw {
  drawNo: number;
  userId: number;
  prizeId: number | null;
  isGuarantee: boolean;
  pointsCost: number;
  /** Of the prize, as it was published for this draw; 0 without one. */
  prizeValue: number;
  timeMs: number;
}

export type Visitor = Pick<LotteryCampaignVisitor, 'first_seen_at' | 'first_day' | 'has_won'>;

/** What is stored of the people of some draws. */
export interface KnownPeople {
  visitors: ReadonlyMap<number, Visitor>;
  /** By `drawnKey`. */
  drawn: ReadonlySet<string>;
}

/** Periods whose people are told apart. */
export const PEOPLE_PERIODS = ['day', 'week', 'month'] as const satisfies StatisticsPeriod[];
const COUNTED_PERIODS = ['hour', ...PEOPLE_PERIODS, 'all'] as const satisfies StatisticsPeriod[];

export function drawnKey({ period, starts, user_id: userId }: Omit<LotteryDayDrawn, 'campaign_id'>): string {
  return `${period} ${starts} ${userId}`;
}

/** The periods that people of some draws have drawn in, each once: what has to be looked up of them. */
export function drawnIn(
  draws: readonly CountedDraw[],
  calendar: Calendar,
): Omit<LotteryDayDrawn, 'campaign_id'>[] {
  const found = new Map<string, Omit<LotteryDayDrawn, 'campaign_id'>>();
  for (const { userId, timeMs } of draws) {
    const starts = calendar.startsAt(timeMs);
    for (const period of PEOPLE_PERIODS) {
      const drawn = { period, starts: starts[period], user_id: userId };
      found.set(drawnKey(drawn), drawn);
    }
  }
  return [...found.values()];
}

export class Tally {
  private readonly periodRows = new Map<string, LotteryPeriod>();
  private readonly prizeRows = new Map<string, LotteryPeriodPrize>();
  private readonly drawnRows = new Map<string, LotteryDayDrawn>();
  private readonly changed = new Map<number, Visitor>();
  /** People who were not known to have opened the campaign. */
  newVisitors = 0;
  /** People who win for the first time. */
  newWinners = 0;

  constructor(
    private readonly campaignId: number,
    private readonly calendar: Calendar,
    private readonly known: KnownPeople,
  ) {}

  get periods(): LotteryPeriod[] {
    return [...this.periodRows.values()];
  }

  get prizes(): LotteryPeriodPrize[] {
    return [...this.prizeRows.values()];
  }

  get drawn(): LotteryDayDrawn[] {
    return [...this.drawnRows.values()];
  }

  /** As they are after the draws: those that have changed. */
  get visitors(): LotteryCampaignVisitor[] {
    const campaign_id = this.campaignId;
    return [...this.changed].map(([user_id, visitor]) => ({ campaign_id, user_id, ...visitor }));
  }

  /** In the order of their numbers. */
  count(draw: CountedDraw): void {
    const starts = this.calendar.startsAt(draw.timeMs);
    const isFirst = this.meet(draw, starts);
    for (const period of COUNTED_PERIODS) {
      const row = this.rowOf(period, starts[period]);
      row.draws += 1;
      row.points_spent += draw.pointsCost;
      if (draw.pointsCost === 0) row.free_draws += 1;
      if (isFirst) row.newcomers += 1;
      if (draw.prizeId !== null) this.win(draw, draw.prizeId, row);
    }
    // Everybody who drew drew for the first time once.
    if (isFirst) this.rowOf('all', '').participants += 1;
    for (const period of PEOPLE_PERIODS) this.comeIn(draw.userId, period, starts[period]);
  }

  private win({ isGuarantee, prizeValue }: CountedDraw, prizeId: number, row: LotteryPeriod): void {
    row.wins += 1;
    if (isGuarantee) row.guarantee_wins += 1;
    row.value_given += prizeValue;
    const { campaign_id, period, starts } = row;
    const key = `${period} ${starts} ${prizeId}`;
    const prize = this.prizeRows.get(key) ?? {
      ...{ campaign_id, period, starts },
      ...{ prize_id: prizeId, wins: 0, value_given: 0 },
    };
    prize.wins += 1;
    prize.value_given += prizeValue;
    this.prizeRows.set(key, prize);
  }

  /** @returns whether it is the first draw of its user */
  private meet({ userId, prizeId, timeMs }: CountedDraw, starts: Starts): boolean {
    const before = this.visitorOf(userId);
    const isFirst = (before?.first_day ?? null) === null;
    const isFirstWin = prizeId !== null && before?.has_won !== true;
    if (before === undefined) this.newVisitors += 1;
    if (isFirstWin) this.newWinners += 1;
    if (!isFirst && !isFirstWin) return false;
    this.changed.set(userId, {
      first_seen_at: before?.first_seen_at ?? new Date(timeMs),
      first_day: before?.first_day ?? starts.day,
      has_won: before?.has_won === true || isFirstWin,
    });
    return isFirst;
  }

  private comeIn(userId: number, period: (typeof PEOPLE_PERIODS)[number], starts: string): void {
    const drawn = { period, starts, user_id: userId };
    const key = drawnKey(drawn);
    if (this.known.drawn.has(key) || this.drawnRows.has(key)) return;
    this.drawnRows.set(key, { campaign_id: this.campaignId, ...drawn });
    this.rowOf(period, starts).participants += 1;
    if (period === 'day') this.comeBack(this.visitorOf(userId)!.first_day!, starts);
  }

  /** Somebody whose first day is known draws on a day for the first time. */
  private comeBack(firstDay: string, day: string): void {
    if (day === dayAfter(firstDay, 1)) this.rowOf('day', firstDay).returned_1 += 1;
    if (day === dayAfter(firstDay, 7)) this.rowOf('day', firstDay).returned_7 += 1;
  }

  private visitorOf(userId: number): Visitor | undefined {
    return this.changed.get(userId) ?? this.known.visitors.get(userId);
  }

  private rowOf(period: StatisticsPeriod, starts: string): LotteryPeriod {
    const key = `${period} ${starts}`;
    const known = this.periodRows.get(key);
    if (known !== undefined) return known;
    const row = emptyPeriod(this.campaignId, period, starts);
    this.periodRows.set(key, row);
    return row;
  }
}

export function emptyPeriod(campaignId: number, period: StatisticsPeriod, starts: string): LotteryPeriod {
  return {
    ...{ campaign_id: campaignId, period, starts },
    ...{ draws: 0, wins: 0, guarantee_wins: 0, free_draws: 0, points_spent: 0, value_given: 0 },
    ...{ participants: 0, newcomers: 0, returned_1: 0, returned_7: 0 },
  };
}
