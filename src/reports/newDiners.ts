/** Of the people of each day, how many have joined on it. Who was there on a day is known for two months (domain.ts). */
import { Between } from 'typeorm';
import { ReportDiner } from '../../entities/reports/ReportDiner.ts';
import { User } from '../../entities/identity/User.ts';
import type { Database } from '../platform/database/transaction.ts';

export interface DinersByAge {
  new: number;
  returning: number;
}

/** By day, of those of which anybody is known. @param days the first one and the last one */
export async function readDinersByAge(
  { currentReader }: Database,
  { from, to }: { from: string; to: string },
): Promise<Map<string, DinersByAge>> {
  const rows = await currentReader
    .createQueryBuilder(ReportDiner, 'diner')
    .innerJoin(User, 'person', 'person.user_id = diner.user_id')
    .select('diner.day', 'day')
    .addSelect('COUNT(*)', 'people')
    // A diner of a day is written down with its beginning.
    .addSelect('SUM(CASE WHEN person.registration_date >= diner.created_at THEN 1 ELSE 0 END)', 'fresh')
    .where({ day: Between(from, to) })
    .groupBy('diner.day')
    .getRawMany<{ day: string; people: number | string; fresh: number | string }>();
  return new Map(
    rows.map(({ day, people, fresh }) => [
      day,
      { new: Number(fresh), returning: Number(people) - Number(fresh) },
    ]),
  );
}
