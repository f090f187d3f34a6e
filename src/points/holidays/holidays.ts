/** The holidays of China, as the check-in asks for them (RP-13): what the administration has entered, else what the library knows. */
import { Between, type EntityManager } from 'typeorm';
import { HolidayDay } from '../../../entities/points/HolidayDay.ts';
import { recordAction } from '../../admin/adminLog.ts';
import type { Actor } from '../../platform/caller.ts';
import { insertAll } from '../../platform/database/bulk.ts';
import type { Tx } from '../../platform/database/transaction.ts';
import { AppError } from '../../platform/errors.ts';
import { libraryDaysOf, type ListedDay } from './libraryDays.ts';

export interface HolidayYear {
  year: number;
  /** none: nobody knows the holidays of this year. */
  source: 'table' | 'library' | 'none';
  /** In the order of their dates. */
  days: readonly ListedDay[];
}

/** unknown: of a year without holidays. It is no workday, and no weekend either: nobody knows. */
export type DayKind =
  { kind: 'holiday'; name: string } | { kind: 'workday' | 'weekend' } | { kind: 'unknown' };

/** @param day YYYY-MM-DD. One read of a few rows by their key: what was entered counts for the next who asks, on any node. */
export async function holidayOf(manager: EntityManager, day: string): Promise<DayKind> {
  return kindOf(day, await readHolidays(manager, yearOf(day)));
}

/** What has been entered for a year is all of it: the library is not asked for the rest. */
export async function readHolidays(manager: EntityManager, year: number): Promise<HolidayYear> {
  const entered = await manager.find(HolidayDay, { where: { day: ofYear(year) }, order: { day: 'ASC' } });
  if (entered.length > 0) return { year, source: 'table', days: entered };
  const days = libraryDaysOf(year);
  return days === undefined ? { year, source: 'none', days: [] } : { year, source: 'library', days };
}

export function kindOf(date: string, { source, days }: HolidayYear): DayKind {
  if (source === 'none') return { kind: 'unknown' };
  const listed = days.find(({ day }) => day === date);
  if (listed?.kind === 'holiday') return { kind: 'holiday', name: listed.name };
  // A day of work in place of one off is mostly a Saturday or Sunday.
  if (listed?.kind === 'workday') return { kind: 'workday' };
  const weekday = new Date(`${date}T00:00:00Z`).getUTCDay();
  return { kind: weekday === 0 || weekday === 6 ? 'weekend' : 'workday' };
}

export function yearOf(day: string): number {
  return Number(day.slice(0, 4));
}

export interface EnteredYear {
  actor: Actor;
  year: number;
  /** All in that year, each once. None: the library counts again. */
  days: readonly ListedDay[];
}

/**
 * What was entered for the year before is gone.
 * @throws AppError VALIDATION_FAILED for a day of another year
 */
export async function enterHolidays(
  tx: Tx,
  { actor, year, days }: EnteredYear,
  nowMs: number,
): Promise<HolidayYear> {
  refuseOtherYears(days, year);
  const before = await readHolidays(tx.manager, year);
  await tx.manager.delete(HolidayDay, { day: ofYear(year) });
  await insertAll(tx, HolidayDay, days);
  const after = await readHolidays(tx.manager, year);
  const target = { type: 'holidays', id: year };
  await recordAction(tx, { actor, action: 'holidays.enter', target, before, after }, nowMs);
  return after;
}

function refuseOtherYears(days: readonly ListedDay[], year: number): void {
  const at = days.findIndex(({ day }) => !day.startsWith(`${year}-`));
  if (at === -1) return;
  const details = [{ path: `days.${at}.date`, message: `is not in ${year}` }];
  throw new AppError('VALIDATION_FAILED', { details });
}

const ofYear = (year: number) => Between(`${year}-01-01`, `${year}-12-31`);
