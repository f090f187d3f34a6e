import { fromSqlTime } from '../../platform/database/sqlValues.ts';
import type { Database } from '../../platform/database/transaction.ts';

/** What is known of somebody by their account. */
export interface PersonFacts {
  registeredAtMs: number;
  /** 1 to 12; 0: it is not known. */
  birthdayMonth: number;
  /** Whether reports and segments count them (counted.ts). */
  isCounted: boolean;
}

interface Row {
  user_id: number;
  role: string;
  is_test: number | boolean;
  registration_date: Date | string;
  birthday_month_day: string | null;
}

/** Of those who are active. */
export async function findPeopleFacts(
  database: Pick<Database, 'readCurrent'>,
  userIds: readonly number[],
): Promise<ReadonlyMap<number, PersonFacts>> {
  if (userIds.length === 0) return new Map();
  const rows = await database.readCurrent<Row>(
    `SELECT user_id, role, is_test, registration_date, birthday_month_day FROM users
     WHERE user_id IN (?) AND status = 'active'`,
    [userIds],
  );
  return new Map(
    rows.map((row) => [
      row.user_id,
      {
        registeredAtMs: fromSqlTime(row.registration_date),
        birthdayMonth: Number(row.birthday_month_day?.slice(0, 2) ?? 0),
        isCounted: row.role === 'user' && !row.is_test,
      },
    ]),
  );
}
