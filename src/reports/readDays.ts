/*
 * What days come to, from rows that are counted already: a few for each day, by their keys. The figures of each part are read by
 * that part's own verb; here they are put side by side.
 */
import { Between, In } from 'typeorm';
import { ReportCount, type Measure } from '../../entities/reports/ReportCount.ts';
import { ReportDay } from '../../entities/reports/ReportDay.ts';
import { readBacklog } from '../events/readEvents.ts';
import { addedBy, findDrawnSince, NO_FIGURES } from '../lottery/statistics/addedFigures.ts';
import { drawsCountedToMs } from '../lottery/statistics/fold.ts';
import { startOfBusinessDay, type Clock } from '../platform/clock.ts';
import type { Database } from '../platform/database/transaction.ts';
import { daysCountedToMs } from '../points/statistics/countDays.ts';
import { dayAfter } from '../points/statistics/periods.ts';
import { readPointsDays } from '../points/statistics/readPointsDays.ts';
import { FIGURES, type DayRow, type Figures } from './messages.ts';

export interface ReadingServices {
  database: Database;
  clock: Clock;
  businessTimezone: string;
}

/** What was begun before midnight may commit for so long after it. */
const SETTLED_MS = 60_000;

/** Of which restaurants; undefined: of all, and of what is of none. */
export type Scope = readonly number[] | undefined;

export interface ReadDays {
  rows: DayRow[];
  countedToMs: number;
}

/** Both among them. */
export function daysBetween(from: string, to: string): string[] {
  const days = [from];
  while (days.at(-1)! < to) days.push(dayAfter(days.at(-1)!));
  return days;
}

export async function readDays(
  services: ReadingServices,
  days: readonly string[],
  scope: Scope,
): Promise<ReadDays> {
  // First: what is counted afterwards may be in the figures, and is not said to be.
  const countedToMs = await readCountedToMs(services);
  const [counted, ofGroup] = await Promise.all([
    readCounted(services.database, days, scope),
    scope === undefined ? readGroup(services, days) : undefined,
  ]);
  const rows = days.map((day) => ({
    day,
    is_complete: startOfBusinessDay(dayAfter(day), services.businessTimezone) + SETTLED_MS <= countedToMs,
    ...NOTHING,
    ...ofGroup?.get(day),
    ...(ofGroup === undefined ? placedOf(counted, day) : countedOf(counted, day)),
  }));
  return { rows, countedToMs };
}

export const NOTHING = Object.fromEntries(FIGURES.map((name) => [name, null])) as Figures;

/** The first moment of which something may not be counted yet. */
async function readCountedToMs({ database, clock }: ReadingServices): Promise<number> {
  const nowMs = clock.nowMs();
  const [pointsMs, drawsMs, { oldestWaitingMs }] = await Promise.all([
    daysCountedToMs({ database, clock }),
    drawsCountedToMs({ database, clock }),
    readBacklog(database),
  ]);
  return Math.min(nowMs, pointsMs, drawsMs, oldestWaitingMs ?? nowMs);
}

type Of = Pick<ReportCount, 'entries' | 'amount'>;

interface Counted {
  /** By day and measure. */
  rows: ReadonlyMap<string, Of>;
  /** Before it nothing was counted of events. */
  first: string | undefined;
}

async function readCounted(
  { currentReader }: Database,
  days: readonly string[],
  scope: Scope,
): Promise<Counted> {
  const restaurant_id = scope === undefined ? 0 : In([...scope]);
  const [found, earliest] = await Promise.all([
    currentReader.findBy(ReportCount, { restaurant_id, day: Between(days[0]!, days.at(-1)!) }),
    currentReader.find(ReportCount, {
      select: { restaurant_id: true, day: true, measure: true },
      where: { restaurant_id: 0 },
      order: { day: 'ASC' },
      take: 1,
    }),
  ]);
  const rows = new Map<string, Of>();
  for (const { day, measure, entries, amount } of found) {
    const known = rows.get(`${day} ${measure}`) ?? { entries: 0, amount: 0 };
    rows.set(`${day} ${measure}`, { entries: known.entries + entries, amount: known.amount + amount });
  }
  return { rows, first: earliest[0]?.day };
}

/** What is told of single restaurants. */
function placedOf({ rows, first }: Counted, day: string): Partial<Figures> {
  if (first === undefined || day < first) return {};
  const of = (measure: Measure) => rows.get(`${day} ${measure}`) ?? { entries: 0, amount: 0 };
  const answered = of('answered');
  return {
    bills: of('bills').entries,
    billed: of('bills').amount / 100,
    claims_approved: of('claims_approved').entries,
    claims_rejected: of('claims_rejected').entries,
    claimed_points: of('claims_approved').amount / 100,
    items_redeemed: of('items_redeemed').entries,
    answers: answered.entries,
    answer_seconds: answered.entries === 0 ? null : Math.round(answered.amount / 100 / answered.entries),
    answers_late: of('answered_late').entries,
  };
}

function countedOf(counted: Counted, day: string): Partial<Figures> {
  const { rows, first } = counted;
  if (first === undefined || day < first) return {};
  const of = (measure: Measure) => rows.get(`${day} ${measure}`) ?? { entries: 0, amount: 0 };
  const [redeemed, expired] = [of('items_redeemed').entries, of('items_expired').entries];
  return {
    ...placedOf(counted, day),
    members: of('members').entries,
    exchanges: of('exchanges').entries,
    exchanged_points: of('exchanges').amount / 100,
    trades: of('trades').entries,
    traded_points: of('trades').amount / 100,
    items_expired: expired,
    redemption_rate: redeemed + expired === 0 ? null : redeemed / (redeemed + expired),
  };
}

/** What is of no restaurant. */
async function readGroup(
  { database, businessTimezone }: ReadingServices,
  days: readonly string[],
): Promise<Map<string, Partial<Figures>>> {
  const [first, last] = [days[0]!, days.at(-1)!];
  const campaignIds = await findDrawnSince(database, startOfBusinessDay(first, businessTimezone));
  const [diners, points, draws] = await Promise.all([
    database.currentReader.findBy(ReportDay, { day: Between(first, last) }),
    readPointsDays(database, days),
    addedBy(database, { campaignIds, period: 'day', from: first, to: dayAfter(last) }),
  ]);
  const dinersOn = new Map(diners.map((row) => [row.day, row.diners]));
  return new Map(
    days.map((day) => {
      const drawn = draws.get(day) ?? NO_FIGURES;
      const of = points.get(day)!;
      return [
        day,
        {
          diners: dinersOn.get(day) ?? 0,
          draws: drawn.draws,
          wins: drawn.wins,
          prize_value: drawn.valueGiven / 100,
          points_issued: of.issued / 100,
          points_spent: of.spent / 100,
          points_on_draws: of.spentOnDraws / 100,
          points_expired: of.expired / 100,
          points_imported: of.imported / 100,
          points_corrected: of.corrected / 100,
          trade_fees: of.fees / 100,
          points_outstanding: of.outstanding / 100,
        },
      ];
    }),
  );
}

/** The day in each restaurant of which anything is told. */
export async function readPlaces(
  { database }: Pick<ReadingServices, 'database'>,
  day: string,
  restaurantIds: readonly number[],
): Promise<Map<number, Figures>> {
  if (restaurantIds.length === 0) return new Map();
  const found = await database.currentReader.findBy(ReportCount, {
    restaurant_id: In([...restaurantIds]),
    day,
  });
  return new Map(
    [...Map.groupBy(found, ({ restaurant_id: id }) => id)].map(([id, of]) => {
      const rows = new Map(of.map((row) => [`${day} ${row.measure}`, row]));
      return [id, { ...NOTHING, ...placedOf({ rows, first: day }, day) }];
    }),
  );
}
