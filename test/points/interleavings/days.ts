/** Business days in a zone that is always eight hours ahead, without the product's own clock. */
export const DAY_MS = 86_400_000;
const AHEAD_MS = 8 * 3_600_000;

export function dayOf(timeMs: number): string {
  return new Date(timeMs + AHEAD_MS).toISOString().slice(0, 10);
}

/** The first moment after the day that somebody names by a moment. */
export function endOfDay(timeMs: number): number {
  return Math.ceil((timeMs + AHEAD_MS) / DAY_MS) * DAY_MS - AHEAD_MS;
}

/** The first moment after the day that comes so many days after that of a moment. */
export function endOfDayIn(timeMs: number, days: number): number {
  return endOfDay(timeMs + 1) + days * DAY_MS;
}

/** The first days of the day, the week and the month that it lies in. */
export function periodsOf(day: string): Record<'day' | 'week' | 'month', string> {
  const date = new Date(`${day}T00:00:00Z`);
  const sinceMonday = (date.getUTCDay() + 6) % 7;
  const monday = new Date(date.getTime() - sinceMonday * DAY_MS).toISOString().slice(0, 10);
  return { day, week: monday, month: `${day.slice(0, 7)}-01` };
}
