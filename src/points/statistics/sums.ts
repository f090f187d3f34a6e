/*
 * Sums of the ledger's rows, kept in the transactions of the rows themselves (P-12).
 *
 * What an account gains and loses is added up in its own row, as long as day and source are the same: a diner who draws all evening
 * writes nothing more for it. When they change, what was open moves to `points_daily`. What is earned moves to each period that it lies
 * in, at once, but where draws earn it: within moments, or before somebody asks (openEarnings.ts).
 */
import { PointsDaily } from '../../../entities/points/PointsDaily.ts';
import { PointsEarned } from '../../../entities/points/PointsEarned.ts';
import { upsertAll } from '../../platform/database/bulk.ts';
import type { Tx } from '../../platform/database/transaction.ts';
import { isEarning, isOwn } from '../transactionTypes.ts';
import { PERIODS, startOf } from './periods.ts';

/** What an account has not moved to the days yet. */
export interface OpenSums {
  openDay: string | null;
  openSource: string | null;
  openIncome: number;
  openExpense: number;
  openEarned: number;
}

export interface CountedRow {
  userId: number;
  type: string;
  amountHundredths: number;
  source: string;
}

export interface CountedRows extends Omit<CountedRow, 'amountHundredths'> {
  /** 1/100 points, as is what was lost; neither is below zero. */
  gained: number;
  lost: number;
}

/** The sums of rows, whatever days they are of. */
export class Sums {
  private readonly daily = new Map<string, PointsDaily>();
  private readonly earned = new Map<string, PointsEarned>();
  private readonly periods = new Map<string, Pick<PointsEarned, 'period' | 'starts'>[]>();

  /** @returns what is open after the row */
  count(day: string, row: CountedRow, open: OpenSums): OpenSums {
    const { amountHundredths: amount, userId, source, type } = row;
    if (isOwn(type)) return open;
    const isOpen = open.openDay === day && open.openSource === source;
    if (!isOpen) this.close(userId, open);
    return {
      openDay: day,
      openSource: source,
      openIncome: (isOpen ? open.openIncome : 0) + Math.max(amount, 0),
      openExpense: (isOpen ? open.openExpense : 0) + Math.max(-amount, 0),
      openEarned: (isOpen ? open.openEarned : 0) + (isEarning(type) ? Math.max(amount, 0) : 0),
    };
  }

  /** Moves what was earned to its periods. */
  countEarned<T extends OpenSums>(userId: number, open: T): T {
    const { openDay, openEarned } = open;
    if (openDay !== null && openEarned > 0) this.earn(openDay, userId, openEarned);
    return { ...open, openEarned: 0 };
  }

  /** Closed at once: what many rows of a type and a source come to. */
  add(day: string, { userId, type, source, gained, lost }: CountedRows): void {
    if (isOwn(type)) return;
    const openEarned = isEarning(type) ? gained : 0;
    this.close(userId, {
      openDay: day,
      openSource: source,
      openIncome: gained,
      openExpense: lost,
      openEarned,
    });
  }

  async store(tx: Tx): Promise<void> {
    await Promise.all([
      upsertAll(tx, PointsDaily, [...this.daily.values()], {
        income: ({ stored, given }) => `ROUND(${stored('income')} + ${given('income')}, 2)`,
        expense: ({ stored, given }) => `ROUND(${stored('expense')} + ${given('expense')}, 2)`,
      }),
      upsertAll(tx, PointsEarned, [...this.earned.values()], {
        earned: ({ stored, given }) => `ROUND(${stored('earned')} + ${given('earned')}, 2)`,
      }),
    ]);
  }

  private close(userId: number, open: OpenSums): void {
    this.countEarned(userId, open);
    const { openDay, openSource, openIncome, openExpense } = open;
    if (openDay === null || openSource === null || openIncome + openExpense === 0) return;
    const key = `${userId} ${openDay} ${openSource}`;
    const row = this.daily.get(key) ?? {
      user_id: userId,
      day: openDay,
      source: openSource,
      income: 0,
      expense: 0,
    };
    row.income += openIncome;
    row.expense += openExpense;
    this.daily.set(key, row);
  }

  private earn(day: string, userId: number, amount: number): void {
    for (const { period, starts } of this.periodsOf(day)) {
      const key = `${period} ${starts} ${userId}`;
      const row = this.earned.get(key) ?? { period, starts, user_id: userId, earned: 0 };
      row.earned += amount;
      this.earned.set(key, row);
    }
  }

  /** Worked out once for a day, and not at all where nothing is earned, as in most draws. */
  private periodsOf(day: string): Pick<PointsEarned, 'period' | 'starts'>[] {
    const known =
      this.periods.get(day) ?? PERIODS.map((period) => ({ period, starts: startOf(period, day) }));
    this.periods.set(day, known);
    return known;
  }
}
