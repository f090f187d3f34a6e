/** What the product itself keeps of people's days (profiles.ts), person by person, without whoever counts nowhere (RS-3). */
import { findUncounted } from '../../identity/people/counted.ts';
import type { Database } from '../../platform/database/transaction.ts';
import type { ReadingBudget } from './budget.ts';

export interface UserDay {
  day: string;
  /** Bit h: they did something between h and h + 1 o'clock. */
  hours: number;
  draws: number;
  exchanges: number;
  trades: number;
  check_ins: number;
  bills: number;
  spentFen: number;
}

export interface PersonDays {
  personId: number;
  /** In their order. */
  days: UserDay[];
}

export interface AskedUserDays {
  from: string;
  to: string;
  /** Absent: everybody. */
  userId?: number;
}

const PAGE = 4000;

type Row = Record<Exclude<keyof UserDay, 'spentFen'> | 'user_id' | 'spent', number | string>;

export async function* readUserDays(
  database: Database,
  asked: AskedUserDays,
  budget: ReadingBudget,
): AsyncGenerator<PersonDays> {
  let open: PersonDays | undefined;
  let after = { userId: asked.userId ?? 0, day: '' };
  while (!budget.isTruncated) {
    const rows = await readPage(database, asked, after);
    await budget.spend(rows.length);
    const people = [...Map.groupBy(rows, (row) => Number(row.user_id))].map(([personId, own]) => ({
      personId,
      days: own.map(dayOf),
    }));
    const uncounted = await findUncounted(
      database.reader,
      people.map(({ personId }) => personId),
    );
    for (const person of people.filter(({ personId }) => !uncounted.has(personId))) {
      if (open?.personId === person.personId) open.days.push(...person.days);
      else {
        if (open !== undefined) yield open;
        open = person;
      }
    }
    if (rows.length < PAGE) {
      if (open !== undefined) yield open;
      return;
    }
    const last = rows.at(-1)!;
    after = { userId: Number(last.user_id), day: String(last.day) };
  }
}

function readPage(
  database: Database,
  { from, to, userId }: AskedUserDays,
  after: { userId: number; day: string },
): Promise<Row[]> {
  const people =
    userId === undefined
      ? 'user_id >= ? AND (user_id > ? OR day > ?)'
      : 'user_id = ? AND user_id = ? AND day > ?';
  return database.read<Row>(
    `SELECT user_id, day, hours, draws, exchanges, trades, check_ins, bills, spent FROM analytics_user_days
     WHERE ${people} AND day >= ? AND day <= ? ORDER BY user_id, day LIMIT ${PAGE}`,
    [after.userId, after.userId, after.day, from, to],
  );
}

function dayOf(row: Row): UserDay {
  return {
    day: String(row.day),
    hours: Number(row.hours),
    draws: Number(row.draws),
    exchanges: Number(row.exchanges),
    trades: Number(row.trades),
    check_ins: Number(row.check_ins),
    bills: Number(row.bills),
    spentFen: Math.round(Number(row.spent) * 100),
  };
}
