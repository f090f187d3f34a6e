/** What the service shows to somebody on a day, and what it must show by the books: both in the same form. */
import { later, levelOf, NEVER, type Book } from './deeds.ts';
import { hundredths } from './house.ts';
import type { Visit } from './visit.ts';

const PERIODS = ['day', 'week', 'month'] as const;

export interface Shown {
  account: object;
  /** Last days and amounts. */
  expiring: [string, number][];
  calendar: object;
  statistics: object;
  leaderboards: object;
}

export async function shownTo(visit: Visit, today: string): Promise<Shown> {
  const [account, expiring, calendar, statistics, leaderboards] = await Promise.all([
    visit.get('/points/account'),
    visit.get('/points/expiring?days=60'),
    visit.get(`/points/check-in?month=${today.slice(0, 7)}`),
    Promise.all(PERIODS.map((period) => periodShown(visit, period))),
    Promise.all(PERIODS.map((period) => leaderboardShown(visit, period))),
  ]);
  return {
    account: {
      total: hundredths(account.total_points),
      available: hundredths(account.available_points),
      frozen: hundredths(account.frozen_points),
      debt: hundredths(account.debt_points),
      pending: hundredths(account.pending_points),
      level: account.level,
      experience: account.experience_points,
      history: hundredths(account.history_total_points),
    },
    expiring: expiring.items.map((item: any) => [chinaDay(item.expires_at), hundredths(item.amount)]),
    calendar: {
      streak: calendar.streak,
      today: calendar.checked_in_today,
      days: calendar.days.map(({ points, month_bonus, holiday_bonus, ...day }: any) => ({
        ...day,
        points: hundredths(points),
        month_bonus: hundredths(month_bonus),
        holiday_bonus: hundredths(holiday_bonus),
      })),
    },
    statistics,
    leaderboards,
  };
}

async function periodShown(visit: Visit, period: string) {
  const [trend, source] = await Promise.all([
    visit.get(`/points/statistics?period=${period}&type=trend`),
    visit.get(`/points/statistics?period=${period}&type=source`),
  ]);
  const sumsOf = ({ income, expense, net }: any) => [income, expense, net].map(hundredths);
  const sources = source.sources.map((of: any) => [of.source, hundredths(of.points)]);
  return {
    starts: trend.starts,
    ends: trend.ends,
    sums: sumsOf(trend),
    days: Object.fromEntries(trend.days.map((of: any) => [of.day, sumsOf(of)])),
    sources: Object.fromEntries(sources),
  };
}

async function leaderboardShown(visit: Visit, period: string) {
  const { items, me, starts } = await visit.get(`/points/leaderboard?period=${period}`);
  return {
    starts,
    items: items.map((item: any) => [item.rank, item.user_id, hundredths(item.points)]),
    me: [me.rank, hundredths(me.points)],
  };
}

const chinaDay = (time: string) => new Date(Date.parse(time) + 8 * 3_600_000).toISOString().slice(0, 10);

export function dueTo(userId: number, books: ReadonlyMap<number, Book>, today: string): Shown {
  const book = books.get(userId)!;
  const { calendar, experience, held, lots, rows } = book;
  const available = sum(lots.map(({ left }) => left));
  const frozen = sum(held.map(({ left }) => left));
  const ends = new Map<string, number>();
  for (const { end, left } of lots) if (end !== NEVER && left > 0) ends.set(end, (ends.get(end) ?? 0) + left);
  const last = calendar.at(-1);
  const isToday = last?.date === today;
  return {
    account: {
      total: available + frozen,
      available,
      frozen,
      debt: 0,
      pending: 0,
      level: levelOf(book),
      experience,
      history: sum(rows.map(({ earned }) => earned)),
    },
    expiring: [...ends],
    calendar: {
      streak: isToday || last?.date === later(today, -1) ? last.streak : 0,
      today: isToday,
      days: calendar,
    },
    statistics: PERIODS.map((period) => periodDue(book, spanOf(period, today))),
    leaderboards: PERIODS.map((period) => leaderboardDue(userId, books, spanOf(period, today))),
  };
}

interface Span {
  starts: string;
  ends: string;
}

/** Of a day in October. */
export function spanOf(period: (typeof PERIODS)[number], today: string): Span {
  if (period === 'day') return { starts: today, ends: today };
  if (period === 'month') return { starts: '2026-10-01', ends: '2026-10-31' };
  const monday = later(today, -((new Date(today).getUTCDay() + 6) % 7));
  return { starts: monday, ends: later(monday, 6) };
}

const isIn = ({ starts, ends }: Span, { day }: { day: string }) => day >= starts && day <= ends;

function periodDue({ rows }: Book, span: Span) {
  const moved = rows.filter((row) => isIn(span, row) && row.amount !== 0);
  const sumsOf = (of: typeof rows) => {
    const income = sum(of.map(({ amount }) => Math.max(amount, 0)));
    const expense = sum(of.map(({ amount }) => Math.max(-amount, 0)));
    return [income, expense, income - expense];
  };
  const grouped = (key: 'day' | 'source') => [...Map.groupBy(moved, (row) => row[key])];
  const sources = grouped('source').map(([source, of]) => [source, sumsOf(of)[0]!] as const);
  return {
    ...span,
    sums: sumsOf(moved),
    days: Object.fromEntries(grouped('day').map(([day, of]) => [day, sumsOf(of)])),
    sources: Object.fromEntries(sources.filter(([, income]) => income > 0)),
  };
}

function leaderboardDue(userId: number, books: ReadonlyMap<number, Book>, span: Span) {
  const items = [...books]
    .map(([id, { rows }]) => ({
      id,
      earned: sum(rows.filter((row) => isIn(span, row)).map((row) => row.earned)),
    }))
    .filter(({ earned }) => earned > 0)
    .sort((a, b) => b.earned - a.earned || b.id - a.id)
    .map(({ id, earned }, at) => [at + 1, id, earned]);
  const mine = items.find(([, id]) => id === userId);
  return { starts: span.starts, items, me: mine === undefined ? [null, 0] : [mine[0], mine[2]] };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, one) => all + one, 0);
}
