/*
 * Draws, in the order of their numbers, counted into the rows of the statistics. It reads and writes nothing: the fold adds its rows
 * to those that are stored, and an answer adds them to what it has read. A draw belongs to the periods of its own time, whatever
 * the order is in which clocks had it (TIME-1); whose first draw it was goes by numbers.
 */
import type { LotteryCampaignVisitor } from '../../../entities/lottery/LotteryCampaignVisitor.ts';
import type { LotteryDayDrawn } from '../../../entities/lottery/LotteryDayDrawn.ts';
import type { LotteryPeriod, StatisticsPeriod } from '../../../entities/lottery/LotteryPeriod.ts';
import type { LotteryPeriodPrize } from '../../../entities/lottery/LotteryPeriodPrize.ts';
import type { DrawsOfHour } from '../../analytics/countDraws.ts';
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
  const people = new Map<Starts, Set<number>>();
  for (const { userId, timeMs } of draws) {
    const starts = calendar.startsAt(timeMs);
    const known = people.get(starts);
    if (known === undefined) people.set(starts, new Set([userId]));
    else known.add(userId);
  }
  const found = new Map<string, Omit<LotteryDayDrawn, 'campaign_id'>>();
  for (const [starts, userIds] of people) {
    for (const user_id of userIds) {
      for (const period of PEOPLE_PERIODS) {
        const drawn = { period, starts: starts[period], user_id };
        found.set(drawnKey(drawn), drawn);
      }
    }
  }
  return [...found.values()];
}

/** What draws of the same starts are counted into: looked up once, since a batch has many of them. */
interface Slot {
  starts: Starts;
  /** By `COUNTED_PERIODS`. */
  rows: readonly LotteryPeriod[];
  /** By prize, and then as `rows`. */
  prizes: Map<number, readonly LotteryPeriodPrize[]>;
  /** Those who are counted in its periods already, and what they have drawn. */
  people: Map<number, DrawsOfHour>;
}

export class Tally {
  private readonly slots = new Map<Starts, Slot>();
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

  /** A person may be in it more than once of an hour. */
  get hours(): DrawsOfHour[] {
    return [...this.slots.values()].flatMap(({ people }) => [...people.values()]);
  }

  /** As they are after the draws: those that have changed. */
  get visitors(): LotteryCampaignVisitor[] {
    const campaign_id = this.campaignId;
    return [...this.changed].map(([user_id, visitor]) => ({ campaign_id, user_id, ...visitor }));
  }

  /** In the order of their numbers. */
  count(draw: CountedDraw): void {
    const slot = this.slotAt(draw.timeMs);
    const isFirst = this.meet(draw, slot.starts);
    for (const row of slot.rows) {
      row.draws += 1;
      row.points_spent += draw.pointsCost;
      if (draw.pointsCost === 0) row.free_draws += 1;
      if (isFirst) row.newcomers += 1;
    }
    if (draw.prizeId !== null) this.win(draw, draw.prizeId, slot);
    // Everybody who drew drew for the first time once.
    if (isFirst) this.rowOf('all', '').participants += 1;
    const known = slot.people.get(draw.userId);
    slot.people.set(draw.userId, withDraw(known, draw));
    if (known !== undefined) return;
    for (const period of PEOPLE_PERIODS) this.comeIn(draw.userId, period, slot.starts[period]);
  }

  private win({ isGuarantee, prizeValue }: CountedDraw, prizeId: number, slot: Slot): void {
    for (const row of slot.rows) {
      row.wins += 1;
      if (isGuarantee) row.guarantee_wins += 1;
      row.value_given += prizeValue;
    }
    for (const prize of this.prizesOf(prizeId, slot)) {
      prize.wins += 1;
      prize.value_given += prizeValue;
    }
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

  private slotAt(timeMs: number): Slot {
    const starts = this.calendar.startsAt(timeMs);
    const known = this.slots.get(starts);
    if (known !== undefined) return known;
    const rows = COUNTED_PERIODS.map((period) => this.rowOf(period, starts[period]));
    const slot: Slot = { starts, rows, prizes: new Map(), people: new Map() };
    this.slots.set(starts, slot);
    return slot;
  }

  private prizesOf(prizeId: number, { prizes, rows }: Slot): readonly LotteryPeriodPrize[] {
    const known = prizes.get(prizeId);
    if (known !== undefined) return known;
    const found = rows.map((row) => this.prizeRowOf(prizeId, row));
    prizes.set(prizeId, found);
    return found;
  }

  private prizeRowOf(prize_id: number, { campaign_id, period, starts }: LotteryPeriod): LotteryPeriodPrize {
    const key = `${period} ${starts} ${prize_id}`;
    const known = this.prizeRows.get(key);
    if (known !== undefined) return known;
    const row = { campaign_id, period, starts, prize_id, wins: 0, value_given: 0 };
    this.prizeRows.set(key, row);
    return row;
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

function withDraw(known: DrawsOfHour | undefined, { userId, pointsCost, timeMs }: CountedDraw): DrawsOfHour {
  const freeDraws = pointsCost === 0 ? 1 : 0;
  if (known === undefined) return { userId, draws: 1, freeDraws, firstMs: timeMs, lastMs: timeMs };
  known.draws += 1;
  known.freeDraws += freeDraws;
  known.firstMs = Math.min(known.firstMs, timeMs);
  known.lastMs = Math.max(known.lastMs, timeMs);
  return known;
}

export function emptyPeriod(campaignId: number, period: StatisticsPeriod, starts: string): LotteryPeriod {
  return {
    ...{ campaign_id: campaignId, period, starts },
    ...{ draws: 0, wins: 0, guarantee_wins: 0, free_draws: 0, points_spent: 0, value_given: 0 },
    ...{ participants: 0, newcomers: 0, returned_1: 0, returned_7: 0 },
  };
}
